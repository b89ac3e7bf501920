import { defineConfig } from "@thumbsmith/shared";

const YEAR = "public, max-age=31536000";

export default defineConfig({
  rules: [
    {
      prefix: "uploads/",
      variants: [{ prefix: "thumbnails/", width: 150, height: 150 }],
    },
    // Avatars: a square around the part that draws the eye, in two sizes.
    {
      prefix: "uploads/avatars/",
      formats: ["jpeg", "png", "webp"],
      variants: [
        { prefix: "avatars/small/", width: 48, height: 48, position: "attention", format: "webp" },
        { prefix: "avatars/large/", width: 256, height: 256, position: "attention", format: "webp" },
      ],
    },
    // The top of a page: a strip for wide screens, the whole image for phones, and a blur until it is loaded.
    {
      prefix: "uploads/covers/",
      variants: [
        { prefix: "covers/wide/", width: 1280, height: 400, format: "webp", quality: 82, cacheControl: YEAR },
        { prefix: "covers/phone/", width: 640, format: "avif", cacheControl: YEAR },
      ],
      thumbHash: true,
    },
  ],
});
