import { describe, expect, it } from "vitest";
import { regressions } from "./check.ts";
import { megabytes, milliseconds, times } from "./figures.ts";

const of = (low: number, median: number, high: number) => ({ low, median, high });

describe("regressions", () => {
  it.each([
    ["unchanged", of(3.4, 3.5, 3.6), 0],
    ["better", of(4.4, 4.5, 4.6), 0],
    ["worse within the tolerance", of(3.0, 3.1, 3.2), 0],
    ["worse by more than the tolerance", of(2.9, 3.0, 3.05), 1],
    ["worse overall, with an unchanged better quartile", of(2.0, 2.5, 3.4), 0],
  ])("are found for a ratio that is %s", (_, now, count) => {
    expect(regressions({ sharp: times(of(3.4, 3.5, 3.6)) }, { sharp: times(now) })).toHaveLength(count);
  });

  it("knows which figures are better when they are lower", () => {
    const then = { peak: megabytes(of(100, 100, 100)) };
    expect(regressions(then, { peak: megabytes(of(50, 50, 50)) })).toEqual([]);
    expect(regressions(then, { peak: megabytes(of(120, 121, 122)) })).toEqual([
      "peak was 100 MB, and is 121 MB (120–122)",
    ]);
  });

  it("ignores milliseconds, which depend on the machine", () => {
    const then = { around: milliseconds(of(20, 21, 22)) };
    expect(regressions(then, { around: milliseconds(of(40, 41, 42)) })).toEqual([]);
  });

  it("ignores figures that were not recorded", () => {
    expect(regressions({}, { sharp: times(of(1, 1, 1)) })).toEqual([]);
  });
});
