import { createRequire } from "node:module";
import type Sharp from "sharp";

// `import` would first parse sharp and its dependencies for the names of their exports, which takes half of the time that
// loading sharp takes.
const sharp: typeof Sharp = createRequire(import.meta.url)("sharp");

// Each image is processed once, so libvips' cache would only take memory.
sharp.cache(false);
// Several images are processed at once. A second thread for one image gains nothing at the size of thumbnails.
sharp.concurrency(1);
// Block all loaders, and allow only those of the formats that we accept: anyone may have written the bytes.
sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({
  operation: ["Jpeg", "Png", "Webp", "Nsgif", "Heif", "Tiff"].map((loader) => `VipsForeignLoad${loader}`),
});

/** The most channels of a source. A TIFF with a saved selection may have more than sharp's default limit of 5. */
export const MAX_CHANNELS = 10;

/** sharp without the loaders of formats that are not accepted. The settings apply to the whole process. */
export { sharp };
