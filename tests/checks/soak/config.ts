import { defineConfig } from "@thumbsmith/shared";

/** Two variants, so that their outputs can be of different versions. */
export const config = defineConfig({
  rules: [
    {
      prefix: "uploads/",
      variants: [
        { prefix: "small/", width: 8 },
        { prefix: "large/", width: 16, format: "webp" },
      ],
    },
  ],
  limits: { timeout: 10, seconds: 1 },
});

export const buckets = { UPLOADS_BUCKET: "soak-uploads", THUMBNAILS_BUCKET: "soak-thumbnails" };
