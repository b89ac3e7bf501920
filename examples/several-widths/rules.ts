import type { ConfigInput } from "@thumbsmith/shared";

/** From the width of a phone to that of a large screen. */
const WIDTHS = [320, 640, 1280, 2560];

/** Plain data, which both a page and the configuration can import. */
export const rules: ConfigInput["rules"] = [
  {
    prefix: "uploads/",
    variants: WIDTHS.map((width) => ({ prefix: `widths/${width}/`, width, format: "webp" })),
    thumbHash: true,
  },
];
