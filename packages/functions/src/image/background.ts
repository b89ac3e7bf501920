import { DEFAULT_BACKGROUND, type OutputFormat, outputFormats } from "@thumbsmith/shared";

const TRANSPARENT = "#00000000";

/**
 * The colour of an output's padding, and behind its transparent pixels if its format has no transparency.
 * @param background the variant's field
 * @param alpha whether the image has an alpha channel
 */
export function backgroundOf(
  background: string,
  format: OutputFormat,
  alpha: boolean,
): { r: number; g: number; b: number; alpha: number } {
  const colour = background.toLowerCase();
  const isTransparent = colour === "transparent" || (alpha && colour === DEFAULT_BACKGROUND);
  const [red = 0, green = 0, blue = 0, opacity = 255] = Buffer.from(
    (isTransparent ? TRANSPARENT : colour).slice(1),
    "hex",
  );
  if (outputFormats[format].alpha) return { r: red, g: green, b: blue, alpha: opacity / 255 };
  const onWhite = (channel: number) => Math.round(255 + ((channel - 255) * opacity) / 255);
  return { r: onWhite(red), g: onWhite(green), b: onWhite(blue), alpha: 1 };
}
