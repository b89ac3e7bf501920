import { runInNewContext } from "node:vm";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { outputsOf, srcsetOf, urlOf } from "./addresses.ts";
import { type ConfigInput, defineConfig } from "./config.ts";
import { outputKey } from "./keys.ts";

const rules: ConfigInput["rules"] = [
  {
    prefix: "uploads/",
    variants: [
      { prefix: "thumbnails/", width: 150, height: 150 },
      { prefix: "covers/", width: 640, format: "webp" },
    ],
  },
  {
    prefix: "uploads/avatars/",
    names: "any",
    exclude: ["drafts/**"],
    variants: [{ prefix: "avatars/", height: 96 }],
  },
];

describe("outputsOf", () => {
  it("names the outputs of a source, with the boxes of their variants", () => {
    expect(outputsOf({ rules }, "uploads/cats/tom.gif")).toEqual([
      { key: "thumbnails/cats/tom.gif.png", prefix: "thumbnails/", width: 150, height: 150 },
      { key: "covers/cats/tom.gif.webp", prefix: "covers/", width: 640, height: undefined },
    ]);
    expect(outputsOf({ rules }, "uploads/avatars/4f0c2b1e")).toMatchObject([{ key: "avatars/4f0c2b1e" }]);
  });

  it.each([
    "uploads/a.txt",
    "uploads/a.heic",
    "uploads/avatars/drafts/a.jpg",
    "uploads/cats/",
    "elsewhere/a.jpg",
  ])("returns none for %s, which no rule reads", (key) => {
    expect(outputsOf({ rules }, key)).toEqual([]);
  });

  it("gives the keys that the function writes, with or without the defaults filled in", () => {
    const config = defineConfig({ rules });
    for (const key of ["uploads/a.jpg", "uploads/a.tiff", "uploads/a b+é.JPG", "uploads/a.jfif"]) {
      const [rule] = config.rules;
      expect(outputsOf({ rules }, key)).toEqual(outputsOf(config, key));
      expect(outputsOf({ rules }, key).map((output) => output.key)).toEqual(
        rule?.variants.map((variant) => outputKey(rule, variant, key)),
      );
    }
  });

  it("throws for a key that makes the source be rejected", () => {
    expect(() => outputsOf({ rules }, "uploads/../a.jpg")).toThrow(
      expect.objectContaining({ code: "invalid-key" }),
    );
  });
});

describe("urlOf", () => {
  it.each([
    [
      "https://img.example.com",
      { key: "thumbnails/a b+é#?,.jpg" },
      "/thumbnails/a%20b%2B%C3%A9%23%3F%2C.jpg",
    ],
    ["https://img.example.com/", { key: "a//b.jpg" }, "/a//b.jpg"],
    ["https://img.example.com", { key: "a.jpg", etag: '"0f3c"' }, "/a.jpg?v=0f3c"],
  ])("joins %s and %o to %s", (base, output, path) => {
    expect(urlOf(base, output)).toBe(`https://img.example.com${path}`);
  });
});

describe("srcsetOf", () => {
  it("lists each width once, in order, and leaves out outputs without a width", () => {
    const outputs = [
      { key: "w/1280/a.webp", width: 900 },
      { key: "w/640/a, b.webp", width: 640, etag: '"e"' },
      { key: "w/2560/a.webp", width: 900 },
      { key: "high/a.webp" },
    ];
    expect(srcsetOf("https://i.example.com", outputs)).toBe(
      "https://i.example.com/w/640/a%2C%20b.webp?v=e 640w, https://i.example.com/w/1280/a.webp 900w",
    );
  });
});

describe("in a browser", () => {
  it("runs without Node, and is small", async () => {
    const { outputFiles, metafile } = await build({
      stdin: {
        contents: 'export { outputsOf, srcsetOf, urlOf } from "@thumbsmith/shared/keys";',
        resolveDir: import.meta.dirname,
      },
      bundle: true,
      minify: true,
      platform: "browser",
      format: "iife",
      globalName: "keys",
      write: false,
      metafile: true,
    });
    const [bundle] = outputFiles;
    expect(Object.keys(metafile.inputs).filter((input) => input.includes("zod"))).toEqual([]);
    expect(
      Object.values(metafile.inputs)
        .flatMap(({ imports }) => imports)
        .filter(({ external }) => external),
    ).toEqual([]);
    expect(bundle?.contents.length).toBeLessThan(40_000);
    // The context has none of Node's globals, as a page has not.
    const page = { TextEncoder, rules };
    expect(
      runInNewContext(
        `${bundle?.text}; keys.outputsOf({ rules }, "uploads/avatars/a").map(({ key }) => key).join()`,
        page,
      ),
    ).toBe("avatars/a");
  });
});
