import { planByRecord } from "@thumbsmith/functions";
import type { Manifest, Rule } from "@thumbsmith/shared";
import * as z from "zod/mini";

/** The work for sources that are not current. */
export const Work = z.object({
  /** Sources that have to be decoded. */
  decode: z.number(),
  /** Outputs to make, to update only the headers of, and to leave as they are. */
  make: z.number(),
  headers: z.number(),
  stand: z.number(),
});
export type Work = z.infer<typeof Work>;

export const NO_WORK: Work = { decode: 0, make: 0, headers: 0, stand: 0 };

/** @param manifest that of the source's current version, if it has one */
export function workOf(rule: Rule, manifest?: Manifest): Work {
  if (manifest?.outcome !== "made") return { ...NO_WORK, decode: 1, make: rule.variants.length };
  const { steps, needsSource } = planByRecord(manifest, rule);
  const count = (wanted: string) => steps.filter(({ needs }) => needs === wanted).length;
  return {
    decode: needsSource ? 1 : 0,
    make: count("bytes"),
    headers: count("headers"),
    stand: count("nothing"),
  };
}

export function sumOf(works: readonly Work[]): Work {
  const sum = (of: keyof Work) => works.reduce((total, work) => total + work[of], 0);
  return { decode: sum("decode"), make: sum("make"), headers: sum("headers"), stand: sum("stand") };
}
