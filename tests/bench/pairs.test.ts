import { describe, expect, it } from "vitest";
import { interleave, ratio, spread, totals } from "./pairs.ts";

describe("interleave", () => {
  it("runs the contenders in turn on each item, and starts each round with another one", async () => {
    const order: string[] = [];
    const note = (name: string) => async (item: number) => {
      order.push(`${name}${item}`);
      return { cpu: 1, wall: 1 };
    };
    await interleave({ a: note("a"), b: note("b") }, [1, 2], 2);
    expect(order.join(" ")).toBe("b1 a1 b2 a2 a1 b1 a2 b2 b1 a1 b2 a2");
  });

  it("drops the first round, and keeps the items' order", async () => {
    let count = 0;
    const runs = await interleave(
      { a: async (item: number) => ({ cpu: 10 * item + count++, wall: 0 }) },
      [1, 2],
      2,
    );
    expect(runs.a.map((round) => round.map(({ cpu }) => cpu))).toEqual([
      [12, 23],
      [14, 25],
    ]);
  });
});

describe("statistics", () => {
  it("adds up a round", () => {
    const runs = [[{ cpu: 1, wall: 5 }], [{ cpu: 2, wall: 6 }].concat({ cpu: 3, wall: 7 })];
    expect(totals(runs)).toEqual([1, 5]);
    expect(totals(runs, "wall")).toEqual([5, 13]);
  });

  it("gives the median and the quartiles of the ratios, pair by pair", () => {
    expect(ratio([10, 40, 30, 20, 50], [10, 10, 10, 10, 10])).toEqual({ median: 3, low: 2, high: 4 });
  });

  it("refuses values that do not form pairs", () => {
    expect(() => ratio([1], [1, 2])).toThrow("Expected pairs, found 1 and 2.");
  });

  it("uses a single value as median and quartiles", () => {
    expect(spread([7])).toEqual({ median: 7, low: 7, high: 7 });
  });
});
