import type { Variant } from "@thumbsmith/shared";
import { limits, ruleOf } from "@thumbsmith/testing/rule";
import { type Output, thumbnail } from "../src/image/thumbnail.ts";

/** How much an encoder may change a plain colour, of 255. */
export const LOSSY = 12;

/** Makes the only output of a rule with one variant. */
export async function make(bytes: Uint8Array, variant: Partial<Variant> = {}): Promise<Output> {
  const { outputs } = await thumbnail(bytes, ruleOf(variant), limits);
  const [output] = outputs;
  if (!output) throw new Error("one output is made for each variant");
  return output;
}
