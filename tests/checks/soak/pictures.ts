import sharp from "sharp";

/** The colours of sources, and so of their thumbnails. */
export const colours = ["#c00000", "#00c000", "#0000c0", "#c0c000"] as const;

/** An image of one colour. Each variation has other bytes. */
export async function pictureOf(colour: string, variation: number): Promise<Buffer> {
  const size = 24 + variation;
  return sharp({ create: { width: size, height: size, channels: 3, background: colour } })
    .png()
    .toBuffer();
}

export async function colourOf(bytes: Uint8Array): Promise<string | undefined> {
  const { channels } = await sharp(bytes).stats();
  const found = channels.slice(0, 3).map(({ mean }) => mean);
  const distance = (colour: string) =>
    Math.max(
      ...found.map((mean, i) => Math.abs(mean - Number.parseInt(colour.slice(1 + 2 * i, 3 + 2 * i), 16))),
    );
  return colours.find((colour) => distance(colour) < 24);
}
