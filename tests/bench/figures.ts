import * as z from "zod/mini";
import { type Spread, spread } from "./pairs.ts";

/** A measured number, with the quartiles of its pairs. */
export const Figure = z.object({
  median: z.number(),
  low: z.number(),
  high: z.number(),
  unit: z.enum(["×", "MB", "ms", "dollars", "of the SSIM"]),
  better: z.enum(["more", "less"]),
});
export type Figure = z.infer<typeof Figure>;

/** A ratio: how many times as fast, or as small. */
export function times(spread: Spread, better: Figure["better"] = "more"): Figure {
  return { ...rounded(spread), unit: "×", better };
}

export function megabytes(spread: Spread): Figure {
  return { ...rounded(spread), unit: "MB", better: "less" };
}

/** The likeness of our output to the reference, over another's. */
export function likeness(value: number): Figure {
  return { ...rounded(spread([value])), unit: "of the SSIM", better: "more" };
}

export function milliseconds(spread: Spread): Figure {
  return { ...rounded(spread), unit: "ms", better: "less" };
}

/** Rounds, so that people can read the record of a run. */
function rounded({ median, low, high }: Spread): Spread {
  const round = (value: number) => Number(value.toPrecision(4));
  return { median: round(median), low: round(low), high: round(high) };
}

/** A median with its quartiles, if it has any: 3.52 × (3.40–3.61). */
export function withSpread({ median, low, high }: Spread, unit: Figure["unit"] = "×"): string {
  const digits = unit === "of the SSIM" ? (value: number) => value.toFixed(4) : short;
  return `${digits(median)} ${unit}${low === high ? "" : ` (${digits(low)}–${digits(high)})`}`;
}

/** Three significant digits: 0.71, 3.52, 21.4, 385. */
export function short(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** A table in Markdown. All columns except the first are right-aligned. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}
