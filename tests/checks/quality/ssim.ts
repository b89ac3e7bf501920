/** An image of three channels, eight bits each. */
export interface Rgb {
  data: Uint8Array;
  width: number;
  height: number;
}

const LOBES = 3;

/**
 * Resizes with a Lanczos filter over all pixels, in floating point: slow, but ideal. It is independent of libvips, which it
 * is compared with.
 */
export function lanczos(image: Rgb, width: number, height: number): Rgb {
  const across = weights(image.width, width);
  const rows = new Float32Array(width * image.height * 3);
  for (let y = 0; y < image.height; y++) {
    for (const [x, { first, factors }] of across.entries()) {
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        for (let i = 0; i < factors.length; i++)
          sum += (factors[i] ?? 0) * (image.data[(y * image.width + first + i) * 3 + channel] ?? 0);
        rows[(y * width + x) * 3 + channel] = sum;
      }
    }
  }
  const data = new Uint8Array(width * height * 3);
  for (const [y, { first, factors }] of weights(image.height, height).entries()) {
    for (let x = 0; x < width * 3; x++) {
      let sum = 0;
      for (let i = 0; i < factors.length; i++)
        sum += (factors[i] ?? 0) * (rows[(first + i) * width * 3 + x] ?? 0);
      data[y * width * 3 + x] = Math.max(0, Math.min(255, Math.round(sum)));
    }
  }
  return { data, width, height };
}

/** For each pixel of the result, the source's pixels that contribute to it, and their factors. */
function weights(from: number, to: number): { first: number; factors: number[] }[] {
  const scale = Math.max(1, from / to);
  return Array.from({ length: to }, (_, i) => {
    const centre = ((i + 0.5) * from) / to - 0.5;
    const first = Math.max(0, Math.ceil(centre - LOBES * scale));
    const last = Math.min(from - 1, Math.floor(centre + LOBES * scale));
    const raw = Array.from({ length: last - first + 1 }, (_, j) => kernel((first + j - centre) / scale));
    const sum = raw.reduce((a, b) => a + b, 0);
    return { first, factors: raw.map((factor) => factor / sum) };
  });
}

function kernel(x: number): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= LOBES) return 0;
  const angle = Math.PI * x;
  return (LOBES * Math.sin(angle) * Math.sin(angle / LOBES)) / (angle * angle);
}

/** The window and the constants of the paper: a Gaussian of 11 pixels, sigma 1.5. */
const WINDOW = normalised(Array.from({ length: 11 }, (_, i) => Math.exp(-((i - 5) ** 2) / 4.5)));
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

/**
 * The structural similarity of two images' luma. It is 1 for equal images.
 * @see Wang, Bovik, Sheikh, Simoncelli: Image Quality Assessment (2004), https://doi.org/10.1109/TIP.2003.819861
 */
export function ssim(one: Rgb, two: Rgb): number {
  const { width, height } = one;
  if (two.width !== width || two.height !== height)
    throw new Error("Images of different sizes cannot be compared.");
  const [a, b] = [luma(one), luma(two)];
  const mean = (c: Float64Array, d?: Float64Array) =>
    blur(d ? c.map((value, i) => value * (d[i] ?? 0)) : c, width, height);
  const [ma, mb, aa, bb, ab] = [mean(a), mean(b), mean(a, a), mean(b, b), mean(a, b)];
  let sum = 0;
  for (const [i, x] of ma.entries()) {
    const y = mb[i] ?? 0;
    const spread = (aa[i] ?? 0) - x * x + (bb[i] ?? 0) - y * y;
    const together = (ab[i] ?? 0) - x * y;
    sum += ((2 * x * y + C1) * (2 * together + C2)) / ((x * x + y * y + C1) * (spread + C2));
  }
  return sum / ma.length;
}

function luma({ data }: Rgb): Float64Array {
  return Float64Array.from({ length: data.length / 3 }, (_, i) => {
    const [r = 0, g = 0, b = 0] = data.subarray(3 * i, 3 * i + 3);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  });
}

/** Blurs only where the whole window fits into the image. */
function blur(values: Float64Array, width: number, height: number): Float64Array {
  const [across, down] = [width - WINDOW.length + 1, height - WINDOW.length + 1];
  const rows = new Float64Array(across * height);
  for (let i = 0; i < rows.length; i++) {
    const start = Math.floor(i / across) * width + (i % across);
    rows[i] = WINDOW.reduce((sum, factor, k) => sum + factor * (values[start + k] ?? 0), 0);
  }
  return Float64Array.from({ length: across * down }, (_, i) =>
    WINDOW.reduce((sum, factor, k) => sum + factor * (rows[i + k * across] ?? 0), 0),
  );
}

function normalised(factors: number[]): number[] {
  const sum = factors.reduce((a, b) => a + b, 0);
  return factors.map((factor) => factor / sum);
}
