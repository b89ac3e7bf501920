/** A layer for `composite` that cuts off an image's corners. */
export function rounded(width: number, height: number, radius: number) {
  const mask = Buffer.alloc(4 * width * height);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [(i % width) + 0.5, Math.floor(i / width) + 0.5];
    const across = Math.max(radius - x, x - (width - radius), 0);
    const down = Math.max(radius - y, y - (height - radius), 0);
    // The edge is one pixel soft.
    mask[4 * i + 3] = 255 * Math.min(1, Math.max(0, radius - Math.hypot(across, down) + 0.5));
  }
  return { input: mask, raw: { width, height, channels: 4 as const }, blend: "dest-in" as const };
}
