// Ours.
import { SOURCE_FORMATS, type Variant } from "@thumbsmith/shared";
import { limits, ruleOf } from "@thumbsmith/testing/rule";
import { thumbnail } from "../../../packages/functions/src/image/thumbnail.ts";
import { type Request, serve } from "./serve.ts";

await serve<Request & { variants: Partial<Variant>[] }>(async (file, { variants }) => {
  const rule = { ...ruleOf(...variants), formats: SOURCE_FORMATS };
  const { outputs } = await thumbnail(file, rule, { ...limits, pixels: 500_000_000 });
  return outputs.map(({ bytes }) => bytes);
});
