import type { Sharp } from "sharp";
import * as z from "zod/mini";
import { DEFAULT_FORMATS, MAX_DIMENSION, OUTPUT_FORMATS, SOURCE_FORMATS } from "./formats.ts";
import { expectedOfGlob } from "./globs.ts";

const integer = (minimum: number, maximum: number) => z.int().check(z.minimum(minimum), z.maximum(maximum));
const prefix = z
  .string()
  .check(
    z.regex(
      /^(?!\.{1,2}\/)[^/\p{Cc}]+\/(?:(?!\.{1,2}\/)[^/\p{Cc}]+\/)*$/u,
      'a prefix such as "uploads/": no slash at its start, one at its end, no empty, "." or ".." segment',
    ),
    z.regex(
      /^[^*]*$/,
      'a prefix without "*": wildcards go into "include", with the path that follows the prefix',
    ),
    z.regex(
      /^[^\u0100-\u{10ffff}]*$/u,
      "a prefix of characters up to U+00FF (ÿ): the policies of IAM take no others",
    ),
    z.maxLength(256),
  );
/** S3 takes 255 characters for the id of a notification or a lifecycle rule, which has the prefix in it. */
const sourcePrefix = prefix.check(z.maxLength(240));

const glob = z.string().check(z.minLength(1), z.maxLength(256), ({ value, issues }) => {
  const message = expectedOfGlob(value);
  if (message) issues.push({ code: "custom", message, input: value, continue: true });
});
const globs = z.array(glob).check(z.minLength(1), z.maxLength(20));

export const OutputFormat = z.enum(OUTPUT_FORMATS);
export const SourceFormat = z.enum(SOURCE_FORMATS);

const dimension = integer(1, MAX_DIMENSION);

/** White where a format has no transparency. It does not hide that of a picture: opaque white is `#ffffffff`. */
export const DEFAULT_BACKGROUND = "#ffffff";

/** What browsers and caches know: https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Cache-Control */
const DIRECTIVE =
  "(?:(?:max-age|s-maxage|stale-while-revalidate|stale-if-error)=\\d+|no-cache|no-store|no-transform|" +
  "must-revalidate|proxy-revalidate|must-understand|private|public|immutable)";
const CACHE_CONTROL = new RegExp(`^${DIRECTIVE}(?:, *${DIRECTIVE})*$`, "i");

/** Places of a box, as sharp's gravities name them. */
const Place = z.enum([
  ...(["centre", "north", "northeast", "east", "southeast"] as const),
  ...(["south", "southwest", "west", "northwest"] as const),
]);
/** What only the picture, or its upload, can tell the place of. */
const Subject = z.enum(["attention", "entropy", "focus"]);
const Position = z.enum([...Place.options, ...Subject.options]);

/** Whether `contain`, which keeps all of the picture, can do as a position says. */
export function isPlace(position: z.infer<typeof Position>): boolean {
  return z.safeParse(Place, position).success;
}

type Apply = (image: Sharp, size: { width: number; height: number }) => Sharp | Promise<Sharp>;

/** A step of your own, between the resize and the encoder. */
export const Edit = z.strictObject({
  /** It stands for the code: under another name the thumbnails are made again, and by other code of the same name they are not. */
  name: z
    .string()
    .check(
      z.regex(
        /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
        'a name such as "watermark-2": up to 64 letters, digits, ".", "_" and "-"',
      ),
    ),
  /**
   * Takes the resized picture and its size, and returns what is encoded, or a promise of it. It may change the size, up to twice the
   * pixels, or a megapixel.
   */
  apply: z.custom<Apply>(
    (value) => typeof value === "function",
    "a function such as `(image) => image.sharpen()`",
  ),
});
export type Edit = z.infer<typeof Edit>;

/** One output of a rule. */
export const Variant = z.strictObject({
  /** Where the outputs go in the thumbnails bucket. It names the variant, so each has its own. */
  prefix,
  /** Pixels. With one dimension alone, the other follows from the source's proportions. */
  width: z.optional(dimension),
  /** Pixels, likewise. A variant has a width, a height, or both. */
  height: z.optional(dimension),
  /** How the picture meets the box: fills it and is cropped, is padded to it, or stays within it. */
  fit: z._default(z.enum(["cover", "contain", "inside"]), "cover"),
  /**
   * What `cover` keeps, or where `contain` puts the picture in its padding: the centre, an edge, or a corner. `cover` also
   * keeps the part that draws the eye (attention), has most detail (entropy), or that the upload names (focus).
   */
  position: z._default(Position, "centre"),
  /** "source" is the format of the source's bytes; a gif becomes a png and a tiff a jpeg. */
  format: z._default(z.enum(["source", ...OutputFormat.options]), "source"),
  /** Make all frames of an animated gif or webp, where the output is a webp. Otherwise the first stands for all. */
  animated: z._default(z.boolean(), false),
  /** The encoder's quality. Without it each format has a default of its own. A png has none, unless it has a palette. */
  quality: z.optional(integer(1, 100)),
  /**
   * How much work the encoder puts into a smaller file: 0 to 6 for webp, 0 to 9 for avif (each 2 by default), 1 to 10 for png
   * with a palette (7). It costs time: an avif takes 6 times as long with 4 as with 2, and 80 times with 9, which may be
   * more than `limits.seconds` allow.
   */
  effort: z.optional(integer(0, 10)),
  /** Drawn coarsely first and then finer, as it arrives: jpeg and png. A png gets larger by a tenth. */
  progressive: z.optional(z.boolean()),
  /** How finely a jpeg (4:2:0 by default) or avif (4:4:4) keeps colour. "4:4:4" keeps the edges of red letters sharp. */
  chromaSubsampling: z.optional(z.enum(["4:2:0", "4:4:4"])),
  /** Keep every pixel of the thumbnail as it is: webp and avif. Photographs take ten times the bytes. */
  lossless: z.optional(z.boolean()),
  /** At most 256 colours: a png of a quarter the bytes, which takes some 20 times as long. */
  palette: z.optional(z.boolean()),
  /** Never enlarge. Of a source that is smaller than the box, `cover` keeps the largest part of the box's proportions. */
  withoutEnlargement: z._default(z.boolean(), true),
  /**
   * Fills the padding of `contain`, and stands behind transparency where the format has none. Where the picture and the
   * format have it, the default leaves the padding transparent; white in any case is `"#ffffffff"`.
   */
  background: z._default(
    z.string().check(
      z.regex(/^(#[0-9a-f]{6}([0-9a-f]{2})?|transparent)$/i, {
        error: ({ input = "" }) =>
          /^#[0-9a-f]{3}$/i.test(input)
            ? `a colour of six digits: "${input.replace(/[0-9a-f]/gi, "$&$&")}"`
            : '"transparent", or a colour such as "#ffffff", or with an opacity "#ffffff80"',
      }),
    ),
    DEFAULT_BACKGROUND,
  ),
  /** A step of your own, between the resize and the encoder: a watermark, say. */
  edit: z.optional(Edit),
  /** The Cache-Control header of the outputs. */
  cacheControl: z.optional(
    z
      .string()
      .check(
        z.maxLength(256),
        z.regex(CACHE_CONTROL, 'a Cache-Control header such as "public, max-age=31536000, immutable"'),
      ),
  ),
});
export type Variant = z.infer<typeof Variant>;

/** What is made of the sources under one prefix. Where prefixes nest, the longest that matches wins. */
export const Rule = z.strictObject({
  /** Where the sources are in the uploads bucket. */
  prefix: sourcePrefix,
  /**
   * The formats that are accepted, by the suffix of the name and by the bytes. "heic", which iPhones store, is accepted only
   * where it is named here: its decoder is put into the function's package, and comes with licences of its own.
   */
  formats: z._default(z.array(SourceFormat).check(z.minLength(1)), [...DEFAULT_FORMATS]),
  /**
   * "any" takes every name under the prefix, with a suffix or without: the bytes alone decide. S3 then sends an event for
   * each object there. Without it, a name ends in a suffix of one of the formats, and S3 sends events for those.
   */
  names: z.optional(z.literal("any")),
  /**
   * Globs of the path below the prefix, such as `users/**`: only what matches one is read. `*` stops at a slash, `**` does
   * not; both take names that begin with a dot. Case matters.
   */
  include: z.optional(globs),
  /** Likewise: what matches one is not read, though it matches `include`. */
  exclude: z.optional(globs),
  /** What is made of each source. */
  variants: z.array(Variant).check(z.minLength(1), z.maxLength(20)),
  /**
   * "keep" leaves the outputs of a source when it is deleted or expires. Without it, they are deleted with it. A later upload
   * under the same key replaces them.
   */
  whenDeleted: z.optional(z.literal("keep")),
  /** Put a ThumbHash in the manifest: some 25 bytes that a page can show at once, until the picture is there. */
  thumbHash: z._default(z.boolean(), false),
});
export type Rule = z.infer<typeof Rule>;

/** What one image, and one invocation, may take. */
export const Limits = z.strictObject({
  /** Megabytes of the function's memory. 1769 is where Lambda gives one whole vCPU. */
  memory: z._default(integer(512, 10_240), 1_769),
  /** Seconds that one invocation may take. */
  timeout: z._default(integer(10, 900), 60),
  /** Invocations that may run at once. A mistake cannot spend more than they can. */
  concurrency: z._default(integer(2, 1_000), 10),
  /** Bytes of one source. */
  bytes: z._default(integer(1, 500_000_000), 50_000_000),
  /**
   * Pixels that are decoded of one source: of its first frame, or of all frames together where a variant makes them all. A
   * baseline JPEG counts as it is read, at an eighth of its width and height where the thumbnail is that small.
   */
  pixels: z._default(integer(1, 500_000_000), 64_000_000),
  /** Pixels of one source's longer side. The default is JPEG's own bound. */
  side: z._default(integer(1, 1_000_000), 65_535),
  /** Frames, or pages, of one source, though only the first be made. */
  frames: z._default(integer(1, 100_000), 1_000),
  /** Seconds in which all variants of one source must be made. One that is too slow beside others gets them once more, alone. */
  seconds: z._default(integer(1, 300), 20),
});
export type Limits = z.infer<typeof Limits>;

const Origin = z
  .string()
  .check(z.regex(/^https?:\/\/[a-z0-9.-]+(:\d+)?$/i, 'an origin such as "https://example.com"'));
const days = integer(1, 3_650);

/** What the buckets keep, and whom they talk to. */
export const Buckets = z.strictObject({
  /** Web origins that may upload from a browser. None, unless named here. */
  corsOrigins: z._default(z.array(Origin).check(z.maxLength(100)), []),
  /** Days after which a source expires, and its thumbnails with it, unless its rule keeps them. Never, unless given. */
  expireUploadsAfterDays: z.optional(days),
  /** Days for which overwritten and deleted objects can be restored. */
  keepOldVersionsDays: z._default(days, 30),
});
export type Buckets = z.infer<typeof Buckets>;

/** The fields of `thumbsmith.config.ts`, each by itself. */
export const Fields = z.strictObject({
  /** What is made of the sources under which prefix. */
  rules: z.array(Rule).check(z.minLength(1)),
  /** Output prefixes that variants had before: what lies there is removed as its source is looked at again. */
  retired: z._default(z.array(prefix), []),
  /** What one image, and one invocation, may take. */
  limits: z.prefault(Limits, {}),
  /** What the buckets keep, and whom they talk to. */
  buckets: z.prefault(Buckets, {}),
});
export type Config = z.infer<typeof Fields>;
