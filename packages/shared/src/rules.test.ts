import { describe, expect, it } from "vitest";
import { defineConfig } from "./config.ts";
import { configHash, notificationFilters } from "./rules.ts";

const variant = { prefix: "thumbnails/", width: 150, height: 150 };
const rule = { prefix: "uploads/", variants: [variant] };

describe("notificationFilters", () => {
  it("has one entry per suffix and case", () => {
    expect(notificationFilters([{ prefix: "uploads/", formats: ["jpeg"] }])).toEqual([
      { prefix: "uploads/", suffix: ".jpg" },
      { prefix: "uploads/", suffix: ".JPG" },
      { prefix: "uploads/", suffix: ".jpeg" },
      { prefix: "uploads/", suffix: ".JPEG" },
    ]);
  });

  it("gives a nested rule's suffixes to the outer prefix, since S3 refuses filters that overlap", () => {
    const filters = notificationFilters([
      { prefix: "uploads/avatars/", formats: ["png", "webp"] },
      { prefix: "uploads/", formats: ["png"] },
      { prefix: "other/", formats: ["webp"] },
    ]);
    expect(filters.map(({ prefix, suffix }) => prefix + suffix)).toEqual([
      "uploads/.png",
      "uploads/.PNG",
      "uploads/.webp",
      "uploads/.WEBP",
      "other/.webp",
      "other/.WEBP",
    ]);
  });
});

describe("configHash", () => {
  const { rules, limits } = defineConfig({ rules: [rule] });
  const [first] = rules;
  if (!first) throw new Error("a rule is needed");

  it("changes with the rule", () => {
    expect(configHash({ ...first, variants: [] })).not.toBe(configHash(first));
  });

  it.each([
    ["changes with a limit that a rejection may rest on", { ...limits, pixels: 1 }, false],
    ["changes with the memory, which bounds what can be decoded", { ...limits, memory: 3008 }, false],
    [
      "stays when only the concurrency and the timeout change",
      { ...limits, concurrency: 2, timeout: 90 },
      true,
    ],
  ])("%s", (_, changed, same) => {
    expect(configHash(first, changed) === configHash(first, limits)).toBe(same);
  });
});
