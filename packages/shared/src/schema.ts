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
  /** Stands for the code. If you change the name, the thumbnails are made again; if you change only the code, they are not. */
  name: z
    .string()
    .check(
      z.regex(
        /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
        'a name such as "watermark-2": up to 64 letters, digits, ".", "_" and "-"',
      ),
    ),
  /**
   * Gets the resized picture and its size, and returns what to encode, or a promise of it. The result may have up to twice as many
   * pixels, or a megapixel if that is more.
   */
  apply: z.custom<Apply>(
    (value) => typeof value === "function",
    "a function such as `(image) => image.sharpen()`",
  ),
});
export type Edit = z.infer<typeof Edit>;

/** One output of a rule. */
export const Variant = z.strictObject({
  /** Where the outputs go in the thumbnails bucket. Each variant needs its own. */
  prefix,
  /** Pixels. If you set only one of width and height, the other follows from the source's proportions. */
  width: z.optional(dimension),
  /** Pixels. A variant needs a width, a height, or both. */
  height: z.optional(dimension),
  /** How the picture fits the box of width × height: `cover` fills it and crops, `contain` pads, `inside` stays within it. */
  fit: z._default(z.enum(["cover", "contain", "inside"]), "cover"),
  /**
   * What `cover` keeps, or where `contain` puts the picture: the centre, an edge or a corner. `cover` can also keep the part
   * that draws the eye (attention), has most detail (entropy), or that the upload names (focus).
   */
  position: z._default(Position, "centre"),
  /** "source" is the format of the source's bytes; a gif becomes a png and a tiff a jpeg. */
  format: z._default(z.enum(["source", ...OutputFormat.options]), "source"),
  /** Keep all frames of an animated gif or webp, if the output is a webp. Without it, only the first frame is shown. */
  animated: z._default(z.boolean(), false),
  /** The encoder's quality. Each format has its own default. A png takes it only with `palette`. */
  quality: z.optional(integer(1, 100)),
  /**
   * How much work the encoder puts into a smaller file: 0 to 6 for webp, 0 to 9 for avif (each 2 by default), 1 to 10 for png
   * with a palette (7). It costs time: an avif takes 6 times as long with 4 as with 2, and 80 times with 9, which may be
   * more than `limits.seconds` allow.
   */
  effort: z.optional(integer(0, 10)),
  /** Browsers show it coarsely first, then finer, while it loads: jpeg and png. It makes a png 10 % larger. */
  progressive: z.optional(z.boolean()),
  /** How finely a jpeg (4:2:0 by default) or avif (4:4:4) keeps colour. "4:4:4" keeps the edges of red letters sharp. */
  chromaSubsampling: z.optional(z.enum(["4:2:0", "4:4:4"])),
  /** Compress without loss: webp and avif. Photographs get ten times as large. */
  lossless: z.optional(z.boolean()),
  /** Use at most 256 colours: a png a quarter the size, which takes about 20 times as long. */
  palette: z.optional(z.boolean()),
  /** Never enlarge. If a source is smaller than the box, `cover` crops it to the box's proportions. */
  withoutEnlargement: z._default(z.boolean(), true),
  /**
   * The colour of the padding of `contain`, and behind transparent pixels if the format has no transparency. By default, padding is
   * transparent if the picture and the format have transparency, else white; `"#ffffffff"` is always white.
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
  /** Your own step between the resize and the encoder, for example a watermark. */
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

/** What is made of the sources under one prefix. If prefixes nest, the longest that matches wins. */
export const Rule = z.strictObject({
  /** Where the sources are in the uploads bucket. */
  prefix: sourcePrefix,
  /**
   * The formats that are accepted, by the suffix of the name and by the bytes. "heic", the format of iPhones, is accepted only
   * if you list it: its decoder is then added to the function's package, and has its own licences.
   */
  formats: z._default(z.array(SourceFormat).check(z.minLength(1)), [...DEFAULT_FORMATS]),
  /**
   * "any" accepts every name under the prefix, with or without a suffix: only the bytes decide. S3 then sends an event for
   * every object there. Without it, names must end in a suffix of one of the formats, and S3 sends events only for those.
   */
  names: z.optional(z.literal("any")),
  /**
   * Globs for the path below the prefix, such as `users/**`: only sources that match one are read. `*` stops at a slash, `**` does
   * not; both match names that begin with a dot. Case matters.
   */
  include: z.optional(globs),
  /** Globs too: sources that match one are not read, even if they match `include`. */
  exclude: z.optional(globs),
  /** The thumbnails to make of each source. */
  variants: z.array(Variant).check(z.minLength(1), z.maxLength(20)),
  /**
   * "keep" keeps the outputs when their source is deleted or expires. Without it, they are deleted too. A later upload
   * under the same key replaces them.
   */
  whenDeleted: z.optional(z.literal("keep")),
  /** Put a ThumbHash into the manifest: about 25 bytes that a page can show as a blur until the thumbnail is loaded. */
  thumbHash: z._default(z.boolean(), false),
});
export type Rule = z.infer<typeof Rule>;

/** How much one image, and one invocation, may use. */
export const Limits = z.strictObject({
  /** Megabytes of the function's memory. With 1769, Lambda gives it a full vCPU. */
  memory: z._default(integer(512, 10_240), 1_769),
  /** Seconds that one invocation may take. */
  timeout: z._default(integer(10, 900), 60),
  /** Invocations that may run at once. It also limits what a mistake can cost. */
  concurrency: z._default(integer(2, 1_000), 10),
  /** Bytes of one source. */
  bytes: z._default(integer(1, 500_000_000), 50_000_000),
  /**
   * Pixels to decode of one source: of its first frame, or of all frames together if a variant is `animated`. A baseline
   * JPEG is read at down to an eighth of its width and height if the thumbnail is small; only those pixels count.
   */
  pixels: z._default(integer(1, 500_000_000), 64_000_000),
  /** Pixels of one source's longer side. The default is the maximum of the JPEG format. */
  side: z._default(integer(1, 1_000_000), 65_535),
  /** Frames or pages of one source, even if only the first is used. */
  frames: z._default(integer(1, 100_000), 1_000),
  /** Seconds for all variants of one source. One that is too slow together with others gets a second try by itself. */
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
  /** Days after which a source expires, together with its thumbnails, unless its rule keeps them. Without it, never. */
  expireUploadsAfterDays: z.optional(days),
  /** Days for which overwritten and deleted objects can be restored. */
  keepOldVersionsDays: z._default(days, 30),
});
export type Buckets = z.infer<typeof Buckets>;

/** The fields of `thumbsmith.config.ts`, each checked separately. */
export const Fields = z.strictObject({
  /** What is made of the sources under each prefix. */
  rules: z.array(Rule).check(z.minLength(1)),
  /** Output prefixes that variants used to have: outputs there are removed when their source is next processed. */
  retired: z._default(z.array(prefix), []),
  /** How much one image, and one invocation, may use. */
  limits: z.prefault(Limits, {}),
  /** How long the buckets keep objects, and which web origins may upload. */
  buckets: z.prefault(Buckets, {}),
});
export type Config = z.infer<typeof Fields>;
