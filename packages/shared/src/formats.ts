/** Pixels. The largest width and height of WebP, which has the smallest maximum of the formats we write. */
export const MAX_DIMENSION = 16_383;

/**
 * Formats that Thumbsmith writes: the extension of an output whose format differs from its source's name, and whether
 * it can be transparent.
 */
export const outputFormats = {
  jpeg: { extension: ".jpg", contentType: "image/jpeg", alpha: false },
  png: { extension: ".png", contentType: "image/png", alpha: true },
  webp: { extension: ".webp", contentType: "image/webp", alpha: true },
  avif: { extension: ".avif", contentType: "image/avif", alpha: true },
} as const;

/** Formats that Thumbsmith reads: the suffixes of their names, and what the format "source" writes for them. */
export const sourceFormats = {
  jpeg: { suffixes: [".jpg", ".jpeg", ".jfif", ".jpe"], writtenAs: "jpeg" },
  png: { suffixes: [".png"], writtenAs: "png" },
  webp: { suffixes: [".webp"], writtenAs: "webp" },
  gif: { suffixes: [".gif"], writtenAs: "png" },
  avif: { suffixes: [".avif"], writtenAs: "avif" },
  tiff: { suffixes: [".tif", ".tiff"], writtenAs: "jpeg" },
  heic: { suffixes: [".heic", ".heif"], writtenAs: "jpeg" },
} as const satisfies Record<string, { suffixes: readonly string[]; writtenAs: keyof typeof outputFormats }>;

export type OutputFormat = keyof typeof outputFormats;
export type SourceFormat = keyof typeof sourceFormats;

export const OUTPUT_FORMATS = Object.keys(outputFormats) as OutputFormat[];
export const SOURCE_FORMATS = Object.keys(sourceFormats) as SourceFormat[];

/** The formats that a rule accepts if it lists none: all that sharp decodes. HEIC needs another decoder. */
export const DEFAULT_FORMATS = SOURCE_FORMATS.filter((format) => format !== "heic");

/** The format that a variant is written in, given the format of its source's bytes. */
export function writtenAs(source: SourceFormat, format: OutputFormat | "source"): OutputFormat {
  return format === "source" ? sourceFormats[source].writtenAs : format;
}

/** The format that the suffix of a name stands for, in any case. The bytes may be of another. */
export function formatOfName(name: string): SourceFormat | undefined {
  const lower = name.toLowerCase();
  return SOURCE_FORMATS.find((format) =>
    sourceFormats[format].suffixes.some((suffix) => lower.endsWith(suffix)),
  );
}
