import { createRequire } from "node:module";
import type Sharp from "sharp";

// `import` would first read sharp and what it depends on for the names of their exports, which makes up half of the
// time that loading it takes.
const sharp: typeof Sharp = createRequire(import.meta.url)("sharp");

// Each photo is met once: what libvips would cache is only memory.
sharp.cache(false);
// Images run side by side. A second thread for one image gains nothing at the size of thumbnails.
sharp.concurrency(1);
// Strangers' bytes reach no loader but those of the formats that we accept.
sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({
  operation: ["Jpeg", "Png", "Webp", "Nsgif", "Heif", "Tiff"].map((loader) => `VipsForeignLoad${loader}`),
});

/** Of a source. sharp's own limit of 5 is less than a TIFF with a saved selection may have. */
export const MAX_CHANNELS = 10;

/** sharp, closed to all formats that are not accepted. It is one for the whole process. */
export { sharp };
