import type { ConfigInput } from "@thumbsmith/shared";

/** Of one picture, from a telephone's to a large screen's. */
const WIDTHS = [320, 640, 1280, 2560];

/** Plain data: a page can import it, as well as the configuration. */
export const rules: ConfigInput["rules"] = [
  {
    prefix: "uploads/",
    variants: WIDTHS.map((width) => ({ prefix: `widths/${width}/`, width, format: "webp" })),
    thumbHash: true,
  },
];
