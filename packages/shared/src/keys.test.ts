import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ConfigInput, defineConfig } from "./config.ts";
import { OUTPUT_FORMATS, SOURCE_FORMATS } from "./formats.ts";
import { outputKey } from "./keys.ts";
import { manifestKey } from "./manifest-key.ts";
import { acceptedSuffixes, ruleOf, whyNotRead } from "./names.ts";

const variants: ConfigInput["rules"][number]["variants"] = [
  { prefix: "thumbnails/", width: 150, height: 150 },
  { prefix: "covers/", width: 640, format: "webp" },
];

/** Every accepted suffix of every format. */
const KNOWN = acceptedSuffixes({ formats: SOURCE_FORMATS });

function configured(...rules: ConfigInput["rules"]) {
  const config = defineConfig({ rules });
  const [rule] = config.rules;
  if (!rule) throw new Error("a rule is needed");
  const keyOf = (variant: number, key: string) => {
    const chosen = rule.variants[variant];
    if (!chosen) throw new Error(`no variant ${variant}`);
    return outputKey(rule, chosen, key);
  };
  return { config, keyOf };
}

describe("ruleOf", () => {
  const { config } = configured(
    { prefix: "uploads/", formats: ["jpeg", "png"], variants: [{ prefix: "thumbnails/", width: 1 }] },
    { prefix: "uploads/avatars/", formats: ["png"], variants: [{ prefix: "avatars/", width: 1 }] },
  );

  it.each([
    ["uploads/a.jpg", "uploads/"],
    ["uploads/a.JPG", "uploads/"],
    ["uploads/b/c.jpeg", "uploads/"],
    ["uploads/avatars/a.png", "uploads/avatars/"],
    ["uploads/avatars/a.jpg", undefined],
    ["uploads/a.Jpg", "uploads/"],
    ["uploads/a.jfif", "uploads/"],
    ["uploads/a.JFIF", "uploads/"],
    ["uploads/a.Jpe", "uploads/"],
    ["uploads/a.jPG", undefined],
    ["uploads/a.webp", undefined],
    ["uploads/", undefined],
    ["other/a.jpg", undefined],
    ["Uploads/a.jpg", undefined],
  ])("gives %s to the rule of %s", (key, prefix) => {
    expect(ruleOf(config, key)?.prefix).toBe(prefix);
  });
});

describe("ruleOf a rule that takes any name", () => {
  const any = { names: "any" as const };
  const { config } = configured(
    { prefix: "uploads/", ...any, formats: ["jpeg"], variants: [{ prefix: "thumbnails/", width: 1 }] },
    { prefix: "uploads/avatars/", formats: ["png"], variants: [{ prefix: "avatars/", width: 1 }] },
    { prefix: "uploads/avatars/raw/", ...any, variants: [{ prefix: "raw/", width: 1 }] },
  );

  it.each([
    ["uploads/4f0c2b1e-6d1f-4a57-9d42-0a8b6d7c1e55", "uploads/"],
    ["uploads/a.jPG", "uploads/"],
    ["uploads/photo.jpg-1", "uploads/"],
    ["uploads/a.png", "uploads/"],
    ["uploads/.hidden", "uploads/"],
    ["uploads/a/b c", "uploads/"],
    ["uploads/", undefined],
    ["uploads/folder/", undefined],
    ["uploads/folder.jpg/", undefined],
    ["uploads/avatars/a", undefined],
    ["uploads/avatars/a.png", "uploads/avatars/"],
    ["uploads/avatars/raw/a", "uploads/avatars/raw/"],
    ["other/a", undefined],
  ])("gives %s to the rule of %s", (key, prefix) => {
    expect(ruleOf(config, key)?.prefix).toBe(prefix);
  });
});

describe("ruleOf a rule with globs", () => {
  const { config } = configured(
    {
      prefix: "uploads/",
      include: ["*/avatars/**", "*.jpg"],
      exclude: ["**/drafts/**"],
      variants: [{ prefix: "thumbnails/", width: 1 }],
    },
    { prefix: "uploads/team/", names: "any", exclude: ["raw/**"], variants: [{ prefix: "team/", width: 1 }] },
  );

  it.each([
    ["uploads/kim/avatars/a.png", "uploads/"],
    ["uploads/a.jpg", "uploads/"],
    ["uploads/kim/a.jpg", undefined],
    ["uploads/kim/avatars/drafts/a.png", undefined],
    ["uploads/kim/avatars/a.txt", undefined],
    ["uploads/thumbsmith-canary-1.png", "uploads/"],
    ["uploads/team/a", "uploads/team/"],
    // The longest prefix decides: what its rule excludes is not left to the outer rule.
    ["uploads/team/raw/a.jpg", undefined],
    ["uploads/team/avatars/a.jpg", "uploads/team/"],
  ])("gives %s to the rule of %s", (key, prefix) => {
    expect(ruleOf(config, key)?.prefix).toBe(prefix);
  });

  it("says why a rule does not read a key", () => {
    const [rule] = config.rules;
    if (!rule) throw new Error("a rule is needed");
    expect(whyNotRead(rule, "uploads/kim/a.jpg")).toBe(
      'its path below the prefix matches none of "include": */avatars/** *.jpg',
    );
    expect(whyNotRead(rule, "uploads/kim/avatars/drafts/a.png")).toBe(
      'its path below the prefix matches **/drafts/** of "exclude"',
    );
    expect(whyNotRead(rule, "uploads/a.jpg")).toBeUndefined();
  });
});

describe("outputKey", () => {
  const { keyOf } = configured({ prefix: "uploads/", variants });

  it.each([
    ["uploads/a.jpg", "thumbnails/a.jpg", "covers/a.jpg.webp"],
    ["uploads/a b+é.JPG", "thumbnails/a b+é.JPG", "covers/a b+é.JPG.webp"],
    ["uploads/deep/er/a.png", "thumbnails/deep/er/a.png", "covers/deep/er/a.png.webp"],
    ["uploads/a.webp", "thumbnails/a.webp", "covers/a.webp"],
    ["uploads/a.gif", "thumbnails/a.gif.png", "covers/a.gif.webp"],
    ["uploads/a.tiff", "thumbnails/a.tiff.jpg", "covers/a.tiff.webp"],
    // Without one more extension, each of these would have the output key of the line above it, or of another source.
    ["uploads/a.gif.png", "thumbnails/a.gif.png.png", "covers/a.gif.png.webp"],
    ["uploads/a.gif.png.png", "thumbnails/a.gif.png.png.png", "covers/a.gif.png.png.webp"],
    ["uploads/a.jpg.webp", "thumbnails/a.jpg.webp", "covers/a.jpg.webp.webp"],
    ["uploads/a.b.png", "thumbnails/a.b.png", "covers/a.b.png.webp"],
    // A name that version 0.1 did not accept never gets a key that it gave to another.
    ["uploads/a.Jpg", "thumbnails/a.Jpg", "covers/a.Jpg.Webp"],
    ["uploads/a.jfif", "thumbnails/a.jfif", "covers/a.jfif.Webp"],
    ["uploads/a.JPE", "thumbnails/a.JPE", "covers/a.JPE.Webp"],
    ["uploads/a.Gif", "thumbnails/a.Gif.Png", "covers/a.Gif.Webp"],
    ["uploads/a.Gif.Png", "thumbnails/a.Gif.Png.Png", "covers/a.Gif.Png.Webp"],
    ["uploads/a.Gif.png", "thumbnails/a.Gif.png", "covers/a.Gif.png.webp"],
    ["uploads/a.gif.Png", "thumbnails/a.gif.Png", "covers/a.gif.Png.Webp"],
    ["uploads/a.jfif.webp", "thumbnails/a.jfif.webp", "covers/a.jfif.webp"],
    ["uploads/a.jfif.Webp", "thumbnails/a.jfif.Webp", "covers/a.jfif.Webp.Webp"],
  ])("of %s is %s, and %s as WebP", (source, same, webp) => {
    expect([keyOf(0, source), keyOf(1, source)]).toEqual([same, webp]);
  });

  it.each([
    ["uploads/a.heic", "thumbnails/a.heic.Jpg", "covers/a.heic.Webp"],
    ["uploads/a.HEIF", "thumbnails/a.HEIF.Jpg", "covers/a.HEIF.Webp"],
    ["uploads/a.heic.jpg", "thumbnails/a.heic.jpg", "covers/a.heic.jpg.webp"],
  ])("of %s, where HEIC is accepted, is %s, and %s as WebP", (source, same, webp) => {
    const heic = configured({ prefix: "uploads/", formats: ["jpeg", "heic"], variants });
    expect([heic.keyOf(0, source), heic.keyOf(1, source)]).toEqual([same, webp]);
  });

  it("is never shared by two sources", () => {
    const endings = [
      ".jpg",
      ".JPG",
      ".Jpg",
      ".jpeg",
      ".jfif",
      ".JPE",
      ".png",
      ".PNG",
      ".Png",
      ".webp",
      ".Webp",
      ".gif",
      ".Gif",
      ".GIF",
      ".tif",
      ".avif",
      ".heic",
      ".HEIF",
      ".Heic",
      ".txt",
    ];
    const names = endings.flatMap((a) => [
      a,
      ...endings.flatMap((b) => [a + b, ...endings.map((c) => a + b + c)]),
    ]);
    const formats = SOURCE_FORMATS;
    for (const format of ["source", "jpeg", "png", "webp", "avif"] as const) {
      const rule = configured({ prefix: "u/", formats, variants: [{ prefix: "t/", width: 1, format }] });
      const sources = names.map((name) => `u/x${name}`).filter((key) => ruleOf(rule.config, key));
      expect(new Set(sources.map((key) => rule.keyOf(0, key))).size).toBe(sources.length);
    }
  });

  it.each([
    ["uploads/4f0c2b1e", "thumbnails/4f0c2b1e", "covers/4f0c2b1e"],
    ["uploads/photo.jpg-1", "thumbnails/photo.jpg-1", "covers/photo.jpg-1"],
    ["uploads/a.jPG", "thumbnails/a.jPG", "covers/a.jPG"],
    ["uploads/a.txt", "thumbnails/a.txt", "covers/a.txt"],
    ["uploads/.png", "thumbnails/.png", "covers/.png.webp"],
    ["uploads/a.jpg", "thumbnails/a.jpg", "covers/a.jpg.webp"],
    ["uploads/4f0c2b1e.webp", "thumbnails/4f0c2b1e.webp", "covers/4f0c2b1e.webp"],
    ["uploads/a.gif.png", "thumbnails/a.gif.png.png", "covers/a.gif.png.webp"],
  ])("of %s, under any name, is %s, and %s as WebP", (source, same, webp) => {
    const any = configured({ prefix: "uploads/", names: "any", variants });
    expect([any.keyOf(0, source), any.keyOf(1, source)]).toEqual([same, webp]);
  });

  it("gets an extension for a name whose suffix the rule does not accept only if another source has its key", () => {
    const any = configured({ prefix: "uploads/", names: "any", formats: ["gif"], variants });
    const names = ["a.gif", "a.gif.png", "a.gif.png.png", "a.png", "a.png.png"];
    expect(names.map((name) => any.keyOf(0, `uploads/${name}`))).toEqual([
      "thumbnails/a.gif.png",
      "thumbnails/a.gif.png.png",
      "thumbnails/a.gif.png.png.png",
      "thumbnails/a.png",
      "thumbnails/a.png.png",
    ]);
  });

  it("is never shared by two sources of any name, and stays the same for a name that was accepted before", () => {
    const formats = fc.option(fc.uniqueArray(fc.constantFrom(...SOURCE_FORMATS), { minLength: 1 }), {
      nil: undefined,
    });
    const format = fc.constantFrom("source" as const, ...OUTPUT_FORMATS);
    // Few stems and many endings, known and unknown, so that one name is often another plus an ending.
    const ending = fc.oneof(
      fc.constantFrom(".gif", ".png", ".jpg", ".webp", ".Png", ".Webp"),
      fc.constantFrom("", "a", "a.", "/a", ".txt", ".jpg-1", ".jPg", ".wEBP", ...KNOWN, ...KNOWN),
    );
    const name = fc.array(ending, { maxLength: 4 }).map((endings) => `u/x${endings.join("")}`);
    fc.assert(
      fc.property(
        formats,
        format,
        fc.uniqueArray(name, { minLength: 2, maxLength: 200, size: "max" }),
        (formats, format, names) => {
          const rule = { prefix: "u/", formats, variants: [{ prefix: "t/", width: 1, format }] };
          const before = configured(rule);
          const any = configured({ ...rule, names: "any" });
          const sources = names.filter((key) => ruleOf(any.config, key));
          const outputs = sources.map((key) => any.keyOf(0, key));
          expect(new Set(outputs).size).toBe(outputs.length);
          for (const key of sources.filter((key) => ruleOf(before.config, key))) {
            expect(any.keyOf(0, key)).toBe(before.keyOf(0, key));
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it("has at most 1024 bytes", () => {
    const longest = `uploads/${"é".repeat(504)}aa.jpg`; // 1022 bytes, 3 more with "thumbnails/"
    expect(() => keyOf(0, longest)).toThrow(
      expect.objectContaining({ code: "key-too-long", kind: "rejected" }),
    );
    expect(keyOf(0, `uploads/${"é".repeat(504)}a.jpg`.replace("éé", ""))).toHaveLength(11 + 502 + 5);
  });

  it.each(["uploads/../secret.jpg", "uploads/a/./b.jpg", "uploads/a/../../b.jpg"])(
    "is refused for %s, which would leave its prefix on a disk",
    (key) => {
      expect(() => keyOf(0, key)).toThrow(expect.objectContaining({ code: "invalid-key", kind: "rejected" }));
    },
  );
});

describe("manifestKey", () => {
  it("is the source's key between manifests/ and .json", () => {
    expect(manifestKey("uploads/a b+é.JPG")).toBe("manifests/uploads/a b+é.JPG.json");
  });

  it("has at most 1024 bytes: a longer one is hashed", () => {
    expect(manifestKey(`uploads/${"u".repeat(1001)}`)).toHaveLength(1024);
    expect(manifestKey(`uploads/${"u".repeat(1002)}`)).toMatch(/^manifests\/[0-9a-f]{64}\.json$/);
  });

  it("stays below its prefix when the source's key does not", () => {
    expect(manifestKey("uploads/../../a.jpg")).toMatch(/^manifests\/[0-9a-f]{64}\.json$/);
  });
});
