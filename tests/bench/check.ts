import { type Figure, withSpread } from "./figures.ts";

/** How much worse a run may be before it is a regression, as a fraction: two runs of the same code differ. */
const TOLERANCE = 0.1;
/** Outputs are the same in every run, but encoders change a little between releases. */
const LIKENESS_TOLERANCE = 0.002;

/**
 * Finds what has become worse since the figures were recorded: the better quartile now is worse than the worse quartile
 * then, by more than the tolerance. Milliseconds are not compared, only ratios, memory and dollars.
 * @returns a sentence for each regression
 */
export function regressions(then: Record<string, Figure>, now: Record<string, Figure>): string[] {
  return Object.entries(now).flatMap(([name, figure]) => {
    const before = then[name];
    // The same machine is a third faster at one time than at another.
    if (!before || figure.unit === "ms") return [];
    const tolerance = figure.unit === "of the SSIM" ? LIKENESS_TOLERANCE : TOLERANCE;
    const isWorse =
      figure.better === "more"
        ? figure.high < before.low * (1 - tolerance)
        : figure.low > before.high * (1 + tolerance);
    return isWorse
      ? [`${name} was ${withSpread(before, before.unit)}, and is ${withSpread(figure, figure.unit)}`]
      : [];
  });
}
