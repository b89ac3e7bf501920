import { describe, expect, it } from "vitest";
import { type ConfigInput, defineConfig } from "./config.ts";
import { configHash } from "./rules.ts";

const variant = { prefix: "thumbnails/", width: 150, height: 150 };
const rule = { prefix: "uploads/", variants: [variant] };

const withVariant = (fields: object): unknown => ({
  rules: [{ ...rule, variants: [{ ...variant, ...fields }] }],
});

describe("defineConfig", () => {
  it("fills in the defaults", () => {
    expect(defineConfig({ rules: [rule] })).toEqual({
      rules: [
        {
          prefix: "uploads/",
          formats: ["jpeg", "png", "webp", "gif", "avif", "tiff"],
          variants: [
            {
              prefix: "thumbnails/",
              width: 150,
              height: 150,
              fit: "cover",
              position: "centre",
              format: "source",
              animated: false,
              withoutEnlargement: true,
              background: "#ffffff",
            },
          ],
          thumbHash: false,
        },
      ],
      limits: {
        memory: 1769,
        timeout: 60,
        concurrency: 10,
        bytes: 50_000_000,
        pixels: 64_000_000,
        side: 65_535,
        frames: 1_000,
        seconds: 20,
      },
      buckets: { corsOrigins: [], keepOldVersionsDays: 30 },
      retired: [],
    });
  });

  it("takes several rules, nested, each with several variants", () => {
    const rules = [
      {
        prefix: "uploads/",
        variants: [variant, { prefix: "covers/", width: 1280, format: "webp" as const }],
      },
      { prefix: "uploads/avatars/", variants: [{ prefix: "avatars/", width: 96, height: 96 }] },
    ];
    expect(defineConfig({ rules }).rules).toHaveLength(2);
  });

  it.each<[string, unknown, string]>([
    ["nothing", undefined, "(root): expected an object, found nothing"],
    ["no rule", { rules: [] }, "rules: expected at least 1 element, found []"],
    [
      "an unknown field",
      withVariant({ size: 3 }),
      "rules[0].variants[0].size: expected no such field, found one",
    ],
    [
      "neither width nor height",
      { rules: [{ ...rule, variants: [{ prefix: "t/" }] }] },
      "rules[0].variants[0]: expected a width, a height, or both, found nothing",
    ],
    ["a width of no pixels", withVariant({ width: 0 }), "variants[0].width: expected at least 1, found 0"],
    [
      "names of another kind",
      { rules: [{ ...rule, names: "all" }] },
      'rules[0].names: expected one of "any", found "all"',
    ],
    ["half a pixel", withVariant({ width: 1.5 }), "variants[0].width: expected a whole number, found 1.5"],
    [
      "a quality above 100",
      withVariant({ quality: 140 }),
      "variants[0].quality: expected at most 100, found 140",
    ],
    [
      "a quality of png",
      withVariant({ format: "png", quality: 80 }),
      "variants[0].quality: expected no quality with png: it is for jpeg, webp and avif that are not lossless, and png with a palette, found 80",
    ],
    ...[
      [
        "effort",
        { format: "jpeg", effort: 4 },
        "with jpeg: it is for webp, avif, and png with a palette, found 4",
      ],
      [
        "effort",
        { format: "png", effort: 4 },
        "with png: it is for webp, avif, and png with a palette, found 4",
      ],
      [
        "progressive",
        { format: "webp", progressive: false },
        "with webp: it is for jpeg and png, found false",
      ],
      ["palette", { format: "avif", palette: true }, "with avif: it is for png, found true"],
      ["lossless", { format: "jpeg", lossless: true }, "with jpeg: it is for webp and avif, found true"],
      [
        "quality",
        { format: "webp", lossless: true, quality: 90 },
        "with lossless webp: it is for jpeg, webp and avif",
      ],
      [
        "chromaSubsampling",
        { format: "avif", lossless: true, chromaSubsampling: "4:2:0" },
        'with lossless avif: it is for jpeg, and avif that is not lossless, found "4:2:0"',
      ],
      [
        "chromaSubsampling",
        { format: "webp", chromaSubsampling: "4:4:4" },
        "with webp: it is for jpeg, and avif",
      ],
    ].map(([field, fields, message]): [string, unknown, string] => [
      `a ${field} that no encoder uses: ${JSON.stringify(fields)}`,
      withVariant(fields as object),
      `variants[0].${field}: expected no ${field} ${message}`,
    ]),
    [
      "a field that is unused by the encoders of all of a rule's formats",
      { rules: [{ ...rule, formats: ["jpeg", "tiff"], variants: [{ ...variant, lossless: true }] }] },
      "variants[0].lossless: expected no lossless with jpeg: it is for webp and avif, found true",
    ],
    [
      "an effort out of webp's range",
      withVariant({ format: "webp", effort: 7 }),
      "variants[0].effort: expected 0 to 6 with webp, found 7",
    ],
    [
      "an effort out of png's range",
      withVariant({ format: "png", palette: true, effort: 0 }),
      "variants[0].effort: expected 1 to 10 with png, found 0",
    ],
    [
      "an effort out of the range of one of a rule's formats",
      withVariant({ effort: 8 }),
      "variants[0].effort: expected 0 to 6 with webp, found 8",
    ],
    [
      "a subsampling that sharp does not have",
      withVariant({ chromaSubsampling: "4:2:2" }),
      'variants[0].chromaSubsampling: expected one of "4:2:0", "4:4:4", found "4:2:2"',
    ],
    [
      "a box too large to encode without loss in this memory",
      withVariant({ width: 6_000, height: 6_000, format: "webp", lossless: true }),
      'variants[0]: expected a box that 1769 megabytes can encode; it takes 2034, found {"width":6000,"height":6000}',
    ],
    [
      "an unknown format",
      withVariant({ format: "bmp" }),
      'format: expected one of "source", "jpeg", "png", "webp", "avif", found "bmp"',
    ],
    [
      "a colour by name",
      withVariant({ background: "red" }),
      'expected "transparent", or a colour such as "#ffffff", or with an opacity "#ffffff80", found "red"',
    ],
    [
      "a header that breaks the line",
      withVariant({ cacheControl: "a\r\nb" }),
      "expected a Cache-Control header",
    ],
    [
      "a prefix without its slash",
      { rules: [{ ...rule, prefix: "uploads" }] },
      "rules[0].prefix: expected a prefix",
    ],
    [
      "a prefix with a wildcard",
      { rules: [{ ...rule, prefix: "users/*/avatar/" }] },
      'rules[0].prefix: expected a prefix without "*": wildcards go into "include", with the path that ' +
        'follows the prefix, found "users/*/avatar/"',
    ],
    ...[
      ["without an end", "[a", 'a glob such as "*/avatars/**", with each "[" and "{" closed'],
      ["that ends in a backslash", "a\\", "a glob such as"],
      ["of several lines", "a\nb", "a glob such as"],
      ["without a character", "", "at least 1 character"],
      ["that negates", "!drafts/**", 'a glob without "!" at its start'],
      [
        "from the root",
        "/drafts/**",
        "a glob of the path below the rule's prefix, without a slash at its start",
      ],
      ["that ends in a slash", "drafts/", 'a glob of whole names: add "**" to take all that is in a folder'],
      ["with parentheses", "+(a|aa)", 'a glob of "*", "**", "?", "[…]" and "{…,…}", without parentheses'],
      ["with the rule's prefix", "uploads/*/a.jpg", 'a glob of the path below the rule\'s prefix: "*/a.jpg"'],
      ["with too many stars", "**/*/**/*/**/*.jpg", 'a glob of at most 5 "*", 2 of them "**"'],
      [
        "with too many stars between slashes",
        "*-*-*.jpg",
        'a glob of at most 5 "*", 2 of them "**" and 2 between slashes',
      ],
      [
        "with too many alternatives",
        "{a,aa}{a,aa}{a,aa}{a,aa}{a,aa}",
        'a glob of at most 5 "*", 2 of them "**" and 2 between slashes, and 4 "{"',
      ],
    ].flatMap(([what, glob, expected]): [string, unknown, string][] =>
      (["include", "exclude"] as const).map((field) => [
        `a glob ${what} in ${field}`,
        { rules: [{ ...rule, [field]: [glob] }] },
        `rules[0].${field}[0]: expected ${expected}`,
      ]),
    ),
    [
      "no glob",
      { rules: [{ ...rule, include: [] }] },
      "rules[0].include: expected at least 1 element, found []",
    ],
    [
      "a prefix of characters that IAM policies cannot contain",
      withVariant({ prefix: "サムネイル/" }),
      "rules[0].variants[0].prefix: expected a prefix of characters up to U+00FF (ÿ): the policies of IAM take no " +
        'others, found "サムネイル/"',
    ],
    [
      "a rule's prefix too long for the ids of S3's notifications",
      { rules: [{ ...rule, prefix: `${"a".repeat(240)}/` }] },
      "rules[0].prefix: ",
    ],
    ['a prefix with a ".." segment', { rules: [{ ...rule, prefix: "a/../b/" }] }, 'found "a/../b/"'],
    [
      "two rules with one prefix",
      { rules: [rule, { ...rule, variants: [{ ...variant, prefix: "t/" }] }] },
      'rules[1].prefix: expected a prefix that no other rule has, found "uploads/"',
    ],
    [
      "two variants with one prefix",
      { rules: [{ ...rule, variants: [variant, variant] }] },
      `rules[0].variants[1].prefix: expected a prefix that does not overlap "thumbnails/", another variant's`,
    ],
    [
      "an output prefix inside another's, across rules",
      { rules: [rule, { prefix: "b/", variants: [{ ...variant, prefix: "thumbnails/b/" }] }] },
      'rules[1].variants[0].prefix: expected a prefix that does not overlap "thumbnails/"',
    ],
    [
      "a retired prefix that is in use",
      { rules: [rule], retired: ["thumbnails/"] },
      'retired[0]: expected a prefix that does not overlap "thumbnails/", another variant\'s',
    ],
    [
      "an output prefix that a rule reads",
      withVariant({ prefix: "uploads/small/" }),
      'expected a prefix that does not overlap "uploads/", which a rule reads, found "uploads/small/"',
    ],
    [
      "an output prefix among the manifests",
      withVariant({ prefix: "manifests/x/" }),
      'expected a prefix that does not overlap "manifests/", where the manifests are',
    ],
    [
      "a limit of pixels that the memory cannot hold",
      { rules: [rule], limits: { pixels: 200_000_000 } },
      "limits.memory: expected at least 4270 megabytes for 200000000 pixels and 50000000 bytes, found 1769 (the default)",
    ],
    [
      "a box too large to encode in this memory",
      withVariant({ width: 8_000, height: 8_000, format: "avif" }),
      'variants[0]: expected a box that 1769 megabytes can encode; it takes 2690, found {"width":8000,"height":8000}',
    ],
    [
      "an animation in a format that has none",
      withVariant({ format: "avif", animated: true }),
      "variants[0].animated: expected no animation with avif, found true",
    ],
    [
      "an animation whose frames would be cropped in different places",
      withVariant({ format: "webp", animated: true, position: "attention" }),
      "variants[0].animated: expected no animation, whose frames",
    ],
    [
      "more time for one source than an invocation has for two",
      { rules: [rule], limits: { timeout: 30 } },
      "limits.seconds: expected at most 11 seconds with a timeout of 30, found 20 (the default)",
    ],
    [
      "more time for one source than the shortest timeout allows",
      { rules: [rule], limits: { timeout: 10, seconds: 5 } },
      "limits.seconds: expected at most 1 second with a timeout of 10, found 5",
    ],
    ...[
      ["center", { position: "center" }, ': did you mean "centre"?'],
      ["jpg", { format: "jpg" }, ': did you mean "jpeg"?'],
      ["Cover", { fit: "Cover" }, ': did you mean "cover"?'],
      ["widht", { widht: 150 }, 'widht: expected no such field, found one: did you mean "width"?'],
      ["backgroundColour", { backgroundColour: "#ffffff" }, "expected no such field, found one"],
      ["a short colour", { background: "#f0a" }, 'expected a colour of six digits: "#ff00aa", found "#f0a"'],
      [
        "a position where nothing is cropped",
        { position: "attention", fit: "inside" },
        'position: expected no position with inside, which crops nothing, found "attention"',
      ],
      [
        "a place where nothing is cropped or padded",
        { position: "north", fit: "inside" },
        'position: expected no position with inside, which crops nothing, found "north"',
      ],
      [
        "a part to keep where nothing is cropped",
        { position: "focus", fit: "contain" },
        'position: expected a place such as "north" with contain, which crops nothing, found "focus"',
      ],
      [
        "a position with one side",
        { position: "focus", height: undefined },
        'position: expected no position without both a width and a height, as nothing is cropped, found "focus"',
      ],
      ["norht", { position: "norht" }, ': did you mean "north"?'],
      [
        "contain with one side",
        { fit: "contain", height: undefined },
        'fit: expected both a width and a height, without which contain has nothing to pad, found "contain"',
      ],
      [
        "a header that no cache knows",
        { cacheControl: "forever" },
        'expected a Cache-Control header such as "public, max-age=31536000, immutable", found "forever"',
      ],
    ].map(([name, fields, message]): [string, unknown, string] => [
      String(name),
      withVariant(fields as object),
      String(message),
    ]),
    ...(
      [
        ["an edit without a name", { apply() {} }, "edit.name: expected a string, found nothing"],
        [
          "an edit with a sentence for a name",
          { name: "my watermark", apply() {} },
          'edit.name: expected a name such as "watermark-2": up to 64 letters, digits, ".", "_" and "-", found "my watermark"',
        ],
        [
          "an edit that is no function",
          { name: "grey-1", apply: "greyscale" },
          'edit.apply: expected a function such as `(image) => image.sharpen()`, found "greyscale"',
        ],
        ["an edit without a function", { name: "grey-1" }, "edit.apply: expected a function such as"],
      ] as const
    ).map(([name, edit, message]): [string, unknown, string] => [
      name,
      withVariant({ edit }),
      `variants[0].${message}`,
    ]),
    [
      "an edit of an animation",
      withVariant({ format: "webp", animated: true, edit: { name: "grey-1", apply() {} } }),
      'variants[0].edit: expected no edit of an animation, found "grey-1"',
    ],
    ["an object instead of a list", { rules: {} }, "rules: expected a list, found {}"],
    [
      "more rules than S3 has notifications for",
      {
        rules: Array.from({ length: 101 }, (_, name) => ({
          prefix: `${name}/`,
          variants: [{ prefix: `out-${name}/`, width: 1 }],
        })),
      },
      "rules: expected rules that need at most 100 S3 notifications (one per prefix that is not inside another's), found 101",
    ],
    [
      "an origin with a path",
      { rules: [rule], buckets: { corsOrigins: ["https://example.com/"] } },
      'buckets.corsOrigins[0]: expected an origin such as "https://example.com"',
    ],
  ])("refuses %s", (_, input, message) => {
    expect(() => defineConfig(input as ConfigInput)).toThrow(
      expect.objectContaining({
        kind: "failed",
        code: "invalid-config",
        message: expect.stringContaining(message),
      }),
    );
  });

  it("reports only the limits, not each box, if the limits do not fit into the memory", () => {
    expect(() => defineConfig({ rules: [rule], limits: { bytes: 500_000_000 } })).toThrow(
      /^thumbsmith\.config\.ts is not valid:\n {2}limits\.memory: expected at least \d+ megabytes .*$/,
    );
  });

  it.each(["public, max-age=31536000, immutable", "no-store", "private,max-age=0,must-revalidate"])(
    "takes the Cache-Control %s",
    (cacheControl) => {
      expect(() =>
        defineConfig({ rules: [{ ...rule, variants: [{ ...variant, cacheControl }] }] }),
      ).not.toThrow();
    },
  );

  it.each([
    ["those of one format", { format: "avif", effort: 4, chromaSubsampling: "4:2:0", quality: 60 }],
    [
      "those of a png's palette",
      { format: "png", palette: true, effort: 10, quality: 80, progressive: true },
    ],
    ["those of some of a rule's formats", { progressive: true, lossless: true, quality: 80, effort: 6 }],
  ])("accepts fields of encoders: %s", (_, fields) => {
    expect(defineConfig(withVariant(fields) as ConfigInput).rules[0]?.variants[0]).toMatchObject(fields);
  });

  it("keeps an edit's function, and its name in the hash", () => {
    const apply = () => undefined as never;
    const hashOf = (name: string, code = apply) => {
      const [made] = defineConfig(withVariant({ edit: { name, apply: code } }) as ConfigInput).rules;
      expect(made?.variants[0]?.edit).toEqual({ name, apply: code });
      return made && configHash(made);
    };
    expect(hashOf("mine-1")).toBe(hashOf("mine-1", () => apply()));
    expect(hashOf("mine-1")).not.toBe(hashOf("mine-2"));
  });

  it("names every mistake at once", () => {
    const input = {
      rules: [{ ...rule, variants: [{ prefix: "t/" }, { prefix: "t/", width: 1 }] }],
      limits: { memory: 512 },
    };
    expect(() => defineConfig(input)).toThrow(
      /variants\[0\]: expected a width.*\n.*variants\[1\]\.prefix: .*\n.*limits\.memory: /,
    );
  });
});
