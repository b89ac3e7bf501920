import { describe, expect, it } from "vitest";
import { defineConfig } from "./config.ts";
import { DEFAULT_FORMATS, SOURCE_FORMATS, type SourceFormat } from "./formats.ts";
import { configHash, filterPrefix, notificationFilters, outputHash } from "./rules.ts";

const variant = { prefix: "thumbnails/", width: 150, height: 150 };
const rule = { prefix: "uploads/", variants: [variant] };

describe("notificationFilters", () => {
  it("has one entry for each suffix in lower case, in upper case, and capitalised", () => {
    expect(notificationFilters([{ prefix: "uploads/", formats: ["jpeg"] }])).toEqual(
      [".jpg .JPG .Jpg", ".jpeg .JPEG .Jpeg", ".jfif .JFIF .Jfif", ".jpe .JPE .Jpe"].flatMap((suffixes) =>
        suffixes.split(" ").map((suffix) => ({ prefix: "uploads/", suffix })),
      ),
    );
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
      "uploads/.Png",
      "uploads/.webp",
      "uploads/.WEBP",
      "uploads/.Webp",
      "other/.webp",
      "other/.WEBP",
      "other/.Webp",
    ]);
  });

  it.each<[string, "any"?, "any"?]>([
    ["the rule itself", "any"],
    ["a rule inside it", undefined, "any"],
    ["both", "any", "any"],
  ])("selects every object under a prefix if any name is accepted by %s", (_, outer, inner) => {
    const filters = notificationFilters([
      { prefix: "uploads/", formats: ["jpeg"], names: outer },
      { prefix: "uploads/avatars/", formats: ["png"], names: inner },
      { prefix: "other/", formats: ["webp"] },
    ]);
    expect(filters).toEqual([
      { prefix: "uploads/" },
      ...[".webp", ".WEBP", ".Webp"].map((suffix) => ({ prefix: "other/", suffix })),
    ]);
  });

  it("keeps the suffixes of other rules, if a rule that accepts any name needs only one entry", () => {
    const any = Array.from({ length: 10 }, (_, i) => ({
      prefix: `any-${i}/`,
      formats: DEFAULT_FORMATS,
      names: "any" as const,
    }));
    const suffixed = Array.from({ length: 3 }, (_, i) => ({
      prefix: `${i}/`,
      formats: DEFAULT_FORMATS,
    }));
    const filters = notificationFilters([...any, ...suffixed]);
    expect(filters).toHaveLength(100);
    expect(filters.filter(({ suffix }) => suffix === undefined)).toHaveLength(10);
  });

  it("has one entry for each prefix, without suffixes, if they would need more than the 100 that S3 allows", () => {
    const rules = (count: number, formats: SourceFormat[] = DEFAULT_FORMATS) =>
      Array.from({ length: count }, (_, i) => ({ prefix: `${i}/`, formats }));
    expect(notificationFilters(rules(3))).toHaveLength(90);
    expect(notificationFilters(rules(2, SOURCE_FORMATS))).toHaveLength(72);
    expect(notificationFilters(rules(3, SOURCE_FORMATS))).toHaveLength(3);
    expect(notificationFilters([...rules(4), { prefix: "0/inside/", formats: ["png"] }])).toEqual([
      { prefix: "0/" },
      { prefix: "1/" },
      { prefix: "2/" },
      { prefix: "3/" },
    ]);
  });
});

describe("filterPrefix", () => {
  it.each([
    ["uploads/avatars/", "uploads/avatars/"],
    ["it's_new-(1).2!/", "it's_new-(1).2!/"],
    ["my photos/", "my+photos/"],
    ["a+b/", "a%2Bb/"],
    ["year=2024/", "year%3D2024/"],
    ["50%/", "50%25/"],
    ["$what?&so:on@here;,/", "%24what%3F%26so%3Aon%40here%3B%2C/"],
    ["~kim/", "%7Ekim/"],
    ["größe/", "gr%C3%B6%C3%9Fe/"],
  ])("encodes %s for S3's filters: %s", (prefix, filter) => {
    expect(filterPrefix(prefix)).toBe(filter);
  });
});

describe("configHash", () => {
  const { rules, limits } = defineConfig({ rules: [rule] });
  const [first] = rules;
  if (!first) throw new Error("a rule is needed");

  it("is the same for the defaults as in release 0.1, whose thumbnails must not be made again", () => {
    expect(configHash(first)).toBe("77a24c2412248b31");
  });

  it("stays when other names are accepted, which does not change the outputs of a name", () => {
    const taken = { names: "any", include: ["a/**"], exclude: ["b/**"] } as const;
    expect(configHash({ ...first, ...taken, include: [...taken.include], exclude: [...taken.exclude] })).toBe(
      configHash(first),
    );
  });

  it("stays when the outputs of deleted sources are kept", () => {
    expect(configHash({ ...first, whenDeleted: "keep" })).toBe(configHash(first));
  });

  it("changes with the rule", () => {
    expect(configHash({ ...first, variants: [] })).not.toBe(configHash(first));
  });

  it.each([
    ["changes with a limit that may have caused a rejection", { ...limits, pixels: 1 }, false],
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

describe("outputHash", () => {
  const [made] = defineConfig({ rules: [rule] }).rules.flatMap(({ variants }) => variants);
  if (!made) throw new Error("a variant is needed");

  it("stays the same for the defaults, or every thumbnail would be made again", () => {
    expect(outputHash(made)).toBe("2311e74011441cb7");
  });

  it.each([
    ["stays for another prefix", { prefix: "small/" }, true],
    ["stays for another header", { cacheControl: "no-store" }, true],
    ["changes with the width", { width: 151 }, false],
    ["changes with a field that was not set before", { quality: 80 }, false],
  ])("%s", (_, fields, same) => {
    expect(outputHash({ ...made, ...fields }) === outputHash(made)).toBe(same);
  });
});
