import { type TiffEntry, tiffDirectories } from "./bytes/tiff.ts";
import { MAX_CHANNELS } from "./sharp.ts";

/** Samples per pixel. A palette adds up to two more. */
const MAX_SAMPLES = MAX_CHANNELS - 2;

/** SampleFormat. VOID means unspecified; larger numbers are complex. */
const [UNSIGNED, SIGNED, FLOAT, VOID] = [1, 2, 3, 4];
const FLOAT_BITS = [16, 32];
const JPEG = 7;
const ASSOCIATED_ALPHA = 1;
const UNASSOCIATED_ALPHA = 2;

const TAGS = {
  bits: 258,
  compression: 259,
  photometric: 262,
  samples: 277,
  planes: 284,
  tileWidth: 322,
  inkSet: 332,
  extraSamples: 338,
  sampleFormat: 339,
  profile: 34675,
};

/** The first directory's description of a TIFF's samples: TIFF 6.0, from section 8 on. */
interface TiffHeader {
  compression: number;
  photometric: number;
  /** Bits of each sample. */
  bits: number[];
  format: number;
  samples: number;
  /** The meaning of each sample that is not a colour. */
  extras: number[];
  isPlanar: boolean;
  isTiled: boolean;
  inkSet: number;
  hasProfile: boolean;
}

interface Colours {
  /** Colours per pixel. */
  samples: number;
  bits: readonly number[];
}

const GREY_OR_PALETTE: Colours = { samples: 1, bits: [1, 2, 4, 8, 16] };
const RGB = 2;
const CMYK = 5;
const YCBCR = 6;
const LAB = 8;
/** What can be decoded, by PhotometricInterpretation. `bits` are the depths of integers. */
const COLOURS: Record<number, Colours> = {
  0: GREY_OR_PALETTE,
  1: GREY_OR_PALETTE,
  [RGB]: { samples: 3, bits: [8, 16] },
  3: GREY_OR_PALETTE,
  [CMYK]: { samples: 4, bits: [8, 16] },
  [YCBCR]: { samples: 3, bits: [8] },
  [LAB]: { samples: 3, bits: [8, 16] },
};

/** Values of Compression that can be decoded: none, CCITT, LZW, JPEG, Deflate, PackBits, WebP. */
const COMPRESSIONS = new Set([1, 2, 3, 4, 5, JPEG, 8, 32771, 32773, 32946, 50001]);
/** Names of others. */
const COMPRESSION_NAMES: Record<number, string> = {
  ...{ 6: "old-style JPEG", 9: "JBIG", 10: "JBIG", 34661: "JBIG", 32766: "NeXT RLE", 32809: "ThunderScan" },
  ...{ 32909: "PixarLog", 34676: "SGI Log", 34677: "SGI Log", 34712: "JPEG 2000", 33003: "JPEG 2000" },
  ...{ 33005: "JPEG 2000", 34887: "LERC", 34892: "lossy JPEG of DNG", 34925: "LZMA", 34934: "JPEG XR" },
  ...{ 50000: "ZSTD", 50002: "JPEG XL", 52546: "JPEG XL" },
};
const PHOTOMETRIC_NAMES: Record<number, string> = {
  ...{ 4: "a transparency mask", 9: "ICC Lab", 10: "ITU Lab", 32803: "a camera's raw samples" },
  ...{ 32844: "CIE Log L", 32845: "CIE Log Luv", 34892: "a camera's raw samples" },
};

interface Row {
  /** What the rejection's message calls it. */
  found: string | ((tiff: TiffHeader) => string);
  when: (tiff: TiffHeader, colours: Colours) => boolean;
}

/** Kinds that cannot be decoded, or would be decoded wrong. The first row that applies decides. */
const UNDECODABLE: readonly Row[] = [
  { found: "samples of different depths", when: ({ bits }) => bits.some((depth) => depth !== bits[0]) },
  {
    // libvips takes samples to be linear, from 0 to 1. Photoshop's are; others cannot be told.
    found: "floating-point samples, other than opaque RGB without a profile",
    when: ({ format, photometric, bits, extras, hasProfile }) =>
      format === FLOAT &&
      !(photometric === RGB && FLOAT_BITS.includes(bits[0] ?? 1) && extras.length === 0 && !hasProfile),
  },
  {
    found: "signed samples",
    when: ({ format, photometric }) => format === SIGNED && photometric !== LAB,
  },
  { found: "complex numbers", when: ({ format }) => format > VOID },
  {
    found: ({ bits }) => `${bits[0]} bits per sample`,
    when: ({ bits, format, samples }, { bits: depths }) =>
      format !== FLOAT && (!depths.includes(bits[0] ?? 1) || (samples > 1 && (bits[0] ?? 1) < 8)),
  },
  { found: `more than ${MAX_SAMPLES} samples per pixel`, when: ({ samples }) => samples > MAX_SAMPLES },
  {
    found: "inks other than CMYK",
    when: ({ photometric, inkSet, samples }) => photometric === CMYK && (inkSet !== 1 || samples < 4),
  },
  {
    found: "CMYK with transparency, of 16 bits per sample",
    when: ({ photometric, bits, extras }) => photometric === CMYK && bits[0] === 16 && extras.some(isAlpha),
  },
  {
    found: "CIE Lab of 8 bits or with more samples",
    when: ({ photometric, bits, extras }) => photometric === LAB && (bits[0] === 8 || extras.length > 0),
  },
  {
    found: "YCbCr, other than as a JPEG",
    when: ({ photometric, compression, isPlanar }) =>
      photometric === YCBCR && (compression !== JPEG || isPlanar),
  },
  {
    found: "tiles in separate planes",
    when: ({ isTiled, isPlanar, samples }) => isTiled && isPlanar && samples > 1,
  },
];

const isAlpha = (extra: number) => extra === ASSOCIATED_ALPHA || extra === UNASSOCIATED_ALPHA;

/** What matters about a TIFF before it is decoded. */
interface TiffKind {
  /** What it is, if it cannot be decoded here. */
  undecodable?: string;
  /** The indexes of the samples to keep, if some are neither colour nor transparency. They count from red. */
  keep?: number[];
  isTiled: boolean;
}

/**
 * Reads the kind of a TIFF from its header. If the header lacks something, or contradicts itself, the decoder decides.
 */
export function tiffKind(file: Buffer): TiffKind {
  const entries: TiffEntry[] = tiffDirectories(file).next().value ?? [];
  const isCut = entries.some(({ tag, isWhole }) => !isWhole && Object.values(TAGS).includes(tag));
  const tiff = readHeader(isCut ? [] : entries);
  const undecodable = describeUndecodable(tiff);
  const keep = samplesToKeep(tiff);
  return { isTiled: tiff.isTiled, ...(undecodable && { undecodable }), ...(keep && { keep }) };
}

function describeUndecodable(tiff: TiffHeader): string | undefined {
  const { compression, photometric } = tiff;
  if (!COMPRESSIONS.has(compression))
    return `a TIFF compressed with ${COMPRESSION_NAMES[compression] ?? `scheme ${compression}`}`;
  const colours = COLOURS[photometric];
  if (!colours)
    return `a TIFF of ${PHOTOMETRIC_NAMES[photometric] ?? `photometric interpretation ${photometric}`}`;
  const row = UNDECODABLE.find(({ when }) => when(tiff, colours));
  return row && `a TIFF of ${typeof row.found === "string" ? row.found : row.found(tiff)}`;
}

/** libvips reads a single extra sample right, if it is transparency. */
function samplesToKeep({ extras }: TiffHeader): number[] | undefined {
  const first = extras.findIndex(isAlpha);
  if (extras.length === 0 || (extras.length === 1 && first === 0)) return undefined;
  return first === -1 ? [0, 1, 2] : [0, 1, 2, 3 + first];
}

function readHeader(entries: TiffEntry[]): TiffHeader {
  const values = (tag: number) => entries.find((entry) => entry.tag === tag)?.values() ?? [];
  const value = (tag: number, fallback: number) => values(tag)[0] ?? fallback;
  const bits = values(TAGS.bits);
  const photometric = value(TAGS.photometric, GREY_IF_UNSAID);
  const samples = value(TAGS.samples, Math.max(1, bits.length));
  return {
    compression: value(TAGS.compression, 1),
    photometric,
    bits: bits.length > 0 ? bits : [1],
    format: value(TAGS.sampleFormat, UNSIGNED),
    samples,
    extras: readExtras(values(TAGS.extraSamples), samples - (COLOURS[photometric]?.samples ?? samples)),
    isPlanar: value(TAGS.planes, 1) === 2,
    isTiled: values(TAGS.tileWidth).length > 0,
    inkSet: value(TAGS.inkSet, 1),
    hasProfile: entries.some(({ tag }) => tag === TAGS.profile),
  };
}

/** Without a PhotometricInterpretation, libtiff guesses, and libvips accepts only grey. */
const GREY_IF_UNSAID = 1;

/** Many programs write transparency as a single extra sample without saying so. Of several, none can be assumed to be it. */
function readExtras(said: number[], count: number): number[] {
  if (count === 1 && said.length === 0) return [UNASSOCIATED_ALPHA];
  return Array.from({ length: Math.min(Math.max(0, count), MAX_SAMPLES) }, (_, i) => said[i] ?? 0);
}
