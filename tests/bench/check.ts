import { type Figure, withSpread } from "./figures.ts";

/** How much worse a run may be before it is a regression, as a part of what it was: two runs of the same differ. */
const ROOM = 0.1;
/** Pictures do not differ from run to run, but encoders do a little from release to release. */
const ROOM_OF_LIKENESS = 0.002;

/**
 * What has become worse since the figures were recorded: the better quartile of now is worse than the worse quartile of
 * then by more than the room.
 * @returns a sentence for each
 */
export function regressions(then: Record<string, Figure>, now: Record<string, Figure>): string[] {
  return Object.entries(now).flatMap(([name, figure]) => {
    const before = then[name];
    if (!before) return [];
    const room = figure.unit === "of the SSIM" ? ROOM_OF_LIKENESS : ROOM;
    const isWorse =
      figure.better === "more"
        ? figure.high < before.low * (1 - room)
        : figure.low > before.high * (1 + room);
    return isWorse
      ? [`${name} was ${withSpread(before, before.unit)}, and is ${withSpread(figure, figure.unit)}`]
      : [];
  });
}
