import { createRequire } from "node:module";
import { serve } from "./serve.ts";

interface Transformer {
  resize(options: { width: number; height: number; filter: number; fit: number }): Transformer;
  jpeg(quality: number): Promise<Buffer>;
}
interface Module {
  Transformer: new (file: Buffer) => Transformer;
  ResizeFilterType: { Lanczos3: number };
  ResizeFit: { Cover: number };
}

const [installed = ""] = process.argv.slice(2);
const { Transformer, ResizeFilterType, ResizeFit }: Module = createRequire(installed)("@napi-rs/image");
const box = { width: 150, height: 150, filter: ResizeFilterType.Lanczos3, fit: ResizeFit.Cover };

await serve(async (file) => [await new Transformer(file).resize(box).jpeg(80)]);
