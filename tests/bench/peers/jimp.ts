import { createRequire } from "node:module";
import { serve } from "./serve.ts";

interface Image {
  cover(box: { w: number; h: number }): Image;
  getBuffer(type: "image/jpeg", options: { quality: number }): Promise<Buffer>;
}
interface Module {
  Jimp: { fromBuffer(file: Buffer, options: object): Promise<Image> };
}

const [installed = ""] = process.argv.slice(2);
const { Jimp }: Module = createRequire(installed)("jimp");
/** Jimp's default refuses the larger photographs. */
const decode = { "image/jpeg": { maxMemoryUsageInMB: 8_192 } };

await serve(async (file) => {
  const image = await Jimp.fromBuffer(file, decode);
  return [await image.cover({ w: 150, h: 150 }).getBuffer("image/jpeg", { quality: 80 })];
});
