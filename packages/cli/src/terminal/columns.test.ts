import { describe, expect, it } from "vitest";
import { columns } from "./columns.ts";

const isFigure = (column: number) => column === 1;

describe("columns", () => {
  it("goes on with a long name in the next line of its column, where a terminal has no room", () => {
    const rows = [
      ["uploads/a-name-of-forty-letters-that-goes-on.jpg", "12 kB", "thumbnails/b.jpg"],
      ["uploads/a.jpg", "3 kB", "thumbnails/a.jpg"],
    ];
    expect(columns(["source", "bytes", "output"], rows, isFigure, 50).split("\n")).toEqual([
      "source                   bytes  output",
      "uploads/a-name-of-forty  12 kB  thumbnails/b.jpg",
      "-letters-that-goes-on.j",
      "pg",
      "uploads/a.jpg             3 kB  thumbnails/a.jpg",
    ]);
  });

  it("leaves names whole in a pipe", () => {
    const name = "a".repeat(300);
    expect(columns(["source"], [[name]], undefined, Number.POSITIVE_INFINITY)).toBe(`source\n${name}`);
  });

  it("counts East Asia's letters as two places", () => {
    const text = columns(["a", "b"], [["写真".repeat(10), "1"]], undefined, 60);
    expect(text.split("\n")[1]).toBe(`${"写真".repeat(10)}  1`);
  });
});
