import { describe, expect, it } from "vitest";
import { fuzz } from "./fuzz.ts";
import { mutate } from "./mutate.ts";
import { Random } from "./random.ts";

describe("a damaged file", () => {
  it("is rejected or made, without a crash, a hang, metadata, or another image's pixels", async () => {
    const { ends, faults } = await fuzz(1, 1_000);
    expect(faults).toEqual([]);
    expect(ends.made).toBeGreaterThan(100);
    expect(ends["corrupt-image"]).toBeGreaterThan(100);
    expect(Object.values(ends).reduce((sum, number) => sum + number, 0)).toBe(1_000);
  }, 120_000);
});

describe("a seed", () => {
  const file = Buffer.from(Array.from({ length: 1_000 }, (_, i) => i & 255));
  const withSeed = (seed: number) => mutate(file, new Random(seed), file).toString("hex");

  it("determines the damage", () => {
    expect(withSeed(7)).toBe(withSeed(7));
    expect(withSeed(7)).not.toBe(withSeed(8));
    expect(withSeed(7)).not.toBe(file.toString("hex"));
  });
});
