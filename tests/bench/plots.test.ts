import { describe, expect, it } from "vitest";
import { bars, lines } from "./plots.ts";

describe("plots", () => {
  it("names each line at its end, and keeps the names apart", () => {
    const svg = lines({
      x: "megapixels",
      y: "ms",
      series: [
        {
          name: "ours",
          points: [
            [0, 1],
            [10, 50],
          ],
        },
        {
          name: "theirs",
          points: [
            [0, 1],
            [10, 51],
          ],
        },
      ],
    });
    const places = [...svg.matchAll(/translate\(([\d.]+),([\d.]+)\)"[^>]*>(ours|theirs)</g)];
    const heights = places.map(([, , y]) => Number(y));
    expect(places.map(([, , , name]) => name)).toEqual(["ours", "theirs"]);
    expect(Math.abs((heights[0] ?? 0) - (heights[1] ?? 0))).toBeGreaterThan(10);
  });

  it("has a title for people who cannot see it", () => {
    expect(bars("times as long", [{ name: "ours", value: 1, text: "1 ×" }], "ours")).toContain(
      "<title>times as long</title>",
    );
  });
});
