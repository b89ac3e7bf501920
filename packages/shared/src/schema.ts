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
/** S3 allows 255 characters for the id of a notification or a lifecycle rule, and our ids contain the prefix. */
const sourcePrefix = prefix.check(z.maxLength(240));

const glob = z.string().check(z.minLength(1), z.maxLength(256), ({ value, issues }) => {
  const message = expectedOfGlob(value);
  if (message) issues.push({ code: "custom", message, input: value, continue: true });
});
const globs = z.array(glob).check(z.minLength(1), z.maxLength(20));

export const OutputFormat = z.enum(OUTPUT_FORMATS);
export const SourceFormat = z.enum(SOURCE_FORMATS);

const dimension = integer(1, MAX_DIMENSION);

/** White, if a format has no transparency. To hide transparency in other formats, set opaque white, `#ffffffff`. */
export const DEFAULT_BACKGROUND = "#ffffff";

/** See https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Cache-Control */
const DIRECTIVE =
  "(?:(?:max-age|s-maxage|stale-while-revalidate|stale-if-error)=\\d+|no-cache|no-store|no-transform|" +
  "must-revalidate|proxy-revalidate|must-understand|private|public|immutable)";
const CACHE_CONTROL = new RegExp(`^${DIRECTIVE}(?:, *${DIRECTIVE})*$`, "i");

/** Positions in the box. Their names are sharp's gravities. */
const Place = z.enum([
  ...(["centre", "north", "northeast", "east", "southeast"] as const),
  ...(["south", "southwest", "west", "northwest"] as const),
]);
/** Positions that depend on the image's content, or on what the upload asks for. */
const Subject = z.enum(["attention", "entropy", "focus"]);
const Position = z.enum([...Place.options, ...Subject.options]);

/** Whether `contain`, which crops nothing, can use this position. */
export function isPlace(position: z.infer<typeof Position>): boolean {
  return z.safeParse(Place, position).success;
}

type Apply = (image: Sharp, size: { width: number; height: number }) => Sharp | Promise<Sharp>;

/** Your own code between the resize and the encoder. */
export const Edit = z.strictObject({
  /** The version of the code. If you change the name, `backfill` makes the thumbnails again; if you change only the code, it does not. */
  name: z
    .string()
    .check(
      z.regex(
        /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
        'a name such as "watermark-2": up to 64 letters, digits, ".", "_" and "-"',
      ),
    ),
  /**
   * Gets the resized picture and its size. Returns the picture to encode, or a promise of it, with at most twice as many pixels, or
   * one megapixel if that is more.
   */
  apply: z.custom<Apply>(
    (value) => typeof value === "function",
    "a function such as `(image) => image.sharpen()`",
  ),
});
export type Edit = z.infer<typeof Edit>;

/** One output of a rule. */
export const Variant = z.strictObject({
  /** The prefix of the outputs in the thumbnails bucket. Each variant needs its own. */
  prefix,
  /** Pixels. If you set only one of width and height, the picture keeps its proportions. */
  width: z.optional(dimension),
  /** Pixels. A variant needs a width, a height, or both. */
  height: z.optional(dimension),
  /** How the picture fits into width × height: `cover` fills the box and crops, `contain` pads, `inside` does neither. */
  fit: z._default(z.enum(["cover", "contain", "inside"]), "cover"),
  /**
   * Which part `cover` keeps, or where `contain` puts the picture: the centre, an edge or a corner. `cover` can also keep the most
   * striking part (attention), the most detailed part (entropy), or a point that the upload names (focus).
   */
  position: z._default(Position, "centre"),
  /** "source" keeps the source's format, except that a gif becomes a png, and a tiff or heic becomes a jpeg. */
  format: z._default(z.enum(["source", ...OutputFormat.options]), "source"),
  /** Keep all frames of an animated gif or webp, if the output is a webp. By default, only the first frame is used. */
  animated: z._default(z.boolean(), false),
  /** The encoder's quality: by default 80 for jpeg, 82 for webp, 55 for avif. A png takes it only with `palette`. */
  quality: z.optional(integer(1, 100)),
  /**
   * More effort makes the file smaller and takes longer: 0 to 6 for webp and 0 to 9 for avif (2 by default), 1 to 10 for png with
   * `palette` (7 by default). An avif takes 6 times as long at 4 as at 2, and 80 times as long at 9, which may exceed
   * `limits.seconds`.
   */
  effort: z.optional(integer(0, 10)),
  /** For jpeg and png: browsers show a coarse picture while the file loads. Makes a png 10 % larger. */
  progressive: z.optional(z.boolean()),
  /** How much colour detail is kept, for jpeg ("4:2:0" by default) and avif ("4:4:4"). "4:4:4" keeps coloured edges sharp, such as red text. */
  chromaSubsampling: z.optional(z.enum(["4:2:0", "4:4:4"])),
  /** For webp and avif: compress without loss. Photographs become ten times as large. */
  lossless: z.optional(z.boolean()),
  /** For png: use at most 256 colours. The file is a quarter of the size, but takes about 20 times as long to encode. */
  palette: z.optional(z.boolean()),
  /** Do not enlarge small sources. `cover` then crops them to the proportions of the box. */
  withoutEnlargement: z._default(z.boolean(), true),
  /**
   * The colour of the padding of `contain`, and behind transparent pixels if the output's format has no transparency. With the default,
   * padding is transparent if both the picture and the format have transparency, and otherwise white. `"#ffffffff"` is always white.
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
  /** Your own code that runs between the resize and the encoder, for example to add a watermark. */
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

/** Which thumbnails to make from the sources under one prefix. If prefixes nest, the longest that matches wins. */
export const Rule = z.strictObject({
  /** The prefix of the sources in the uploads bucket. */
  prefix: sourcePrefix,
  /**
   * The formats to accept. Both the suffix of the name and the content must be one of these, but need not agree. HEIC, the format of
   * iPhones, is accepted only if you list it, because its decoder has [licences of its own](quality.md#heic).
   */
  formats: z._default(z.array(SourceFormat).check(z.minLength(1)), [...DEFAULT_FORMATS]),
  /**
   * "any" accepts every name under the prefix, with or without a suffix, and S3 sends an event for every object there. By default,
   * names must end in a suffix of one of the formats, and S3 sends events only for those.
   */
  names: z.optional(z.literal("any")),
  /**
   * Globs for the path below the prefix, such as `users/**`: the rule reads only sources that match one of them. `*` stops at a
   * slash, `**` does not; both match names that begin with a dot. Case matters.
   */
  include: z.optional(globs),
  /** Globs like those of `include`. The rule skips sources that match one of them, even if they match `include`. */
  exclude: z.optional(globs),
  /** The thumbnails to make from each source. */
  variants: z.array(Variant).check(z.minLength(1), z.maxLength(20)),
  /**
   * "keep" keeps the outputs when their source is deleted or expires; a later upload under the same key still replaces them. By
   * default, they are deleted with their source.
   */
  whenDeleted: z.optional(z.literal("keep")),
  /** Add a ThumbHash to the manifest: about 25 bytes from which a page can draw a blurred picture until the thumbnail is loaded. */
  thumbHash: z._default(z.boolean(), false),
});
export type Rule = z.infer<typeof Rule>;

/** How much one image, and one invocation, may use. */
export const Limits = z.strictObject({
  /** The function's memory in megabytes. With 1769, Lambda gives it a full vCPU. */
  memory: z._default(integer(512, 10_240), 1_769),
  /** Seconds that an invocation may take. */
  timeout: z._default(integer(10, 900), 60),
  /** How many invocations may run at once. This also limits what a mistake can cost. */
  concurrency: z._default(integer(2, 1_000), 10),
  /** The largest source, in bytes. */
  bytes: z._default(integer(1, 500_000_000), 50_000_000),
  /**
   * The most pixels to decode per source: those of its first frame, or of all frames if a variant is `animated`. If the thumbnail is
   * small, a baseline JPEG is decoded at a half, a quarter or an eighth of its width and height, and only those pixels count.
   */
  pixels: z._default(integer(1, 500_000_000), 64_000_000),
  /** The longest side of a source, in pixels. The default is the maximum of the JPEG format. */
  side: z._default(integer(1, 1_000_000), 65_535),
  /** The most frames or pages of a source. All count, even if only the first is used. */
  frames: z._default(integer(1, 100_000), 1_000),
  /** Seconds that all variants of a source may take together. A source that was too slow while others were processed is tried again by itself. */
  seconds: z._default(integer(1, 300), 20),
});
export type Limits = z.infer<typeof Limits>;

const Origin = z
  .string()
  .check(z.regex(/^https?:\/\/[a-z0-9.-]+(:\d+)?$/i, 'an origin such as "https://example.com"'));
const days = integer(1, 3_650);

/** How long the buckets keep objects, and which web origins may upload. */
export const Buckets = z.strictObject({
  /** Web origins from which browsers may upload. */
  corsOrigins: z._default(z.array(Origin).check(z.maxLength(100)), []),
  /** Days after which a source is deleted, together with its thumbnails, unless its rule keeps them. By default, never. */
  expireUploadsAfterDays: z.optional(days),
  /** Days for which you can restore overwritten and deleted objects. */
  keepOldVersionsDays: z._default(days, 30),
});
export type Buckets = z.infer<typeof Buckets>;

/** The fields of `thumbsmith.config.ts`, each checked separately. */
export const Fields = z.strictObject({
  /** Which thumbnails to make from the sources under each prefix. */
  rules: z.array(Rule).check(z.minLength(1)),
  /** Prefixes of variants that you have removed or renamed. Outputs there are deleted when their source is next processed. */
  retired: z._default(z.array(prefix), []),
  /** How large images may be, and how much memory and time the function may use. */
  limits: z.prefault(Limits, {}),
  /** How long the buckets keep objects, and from which origins browsers may upload. */
  buckets: z.prefault(Buckets, {}),
});
export type Config = z.infer<typeof Fields>;
