import { describe, expect, it } from "vitest";
import { columns } from "./columns.ts";

const isFigure = (column: number) => column === 1;

describe("columns", () => {
  it("wraps a long name within its column when the terminal is too narrow", () => {
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

  it("does not wrap names in a pipe", () => {
    const name = "a".repeat(300);
    expect(columns(["source"], [[name]], undefined, Number.POSITIVE_INFINITY)).toBe(`source\n${name}`);
  });

  it("counts an East Asian character as two columns wide", () => {
    const text = columns(["a", "b"], [["写真".repeat(10), "1"]], undefined, 60);
    expect(text.split("\n")[1]).toBe(`${"写真".repeat(10)}  1`);
  });
});
