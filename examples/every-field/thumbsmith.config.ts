import { defineConfig } from "@thumbsmith/shared";

export default defineConfig({
  rules: [
    {
      prefix: "uploads/",
      formats: ["jpeg", "png", "webp", "gif", "heic"],
      names: "any",
      include: ["*/avatars/**", "*/covers/*"],
      exclude: ["**/drafts/**"],
      whenDeleted: "keep",
      variants: [
        {
          prefix: "thumbnails/",
          width: 150,
          height: 150,
          position: "attention",
          format: "jpeg",
          quality: 82,
          progressive: true,
          chromaSubsampling: "4:4:4",
          withoutEnlargement: false,
          edit: { name: "sharp-1", apply: (image) => image.sharpen() },
          cacheControl: "public, max-age=86400",
        },
        { prefix: "previews/", width: 480, height: 480, fit: "inside", format: "webp", animated: true },
        { prefix: "cards/", width: 640, height: 360, fit: "contain", background: "#f4f4f5" },
        {
          prefix: "icons/",
          width: 64,
          height: 64,
          position: "focus",
          format: "png",
          palette: true,
          effort: 10,
        },
        { prefix: "prints/", width: 1200, format: "webp", lossless: true },
      ],
      thumbHash: true,
    },
  ],
  retired: ["small/"],
  limits: {
    memory: 3_008,
    timeout: 120,
    concurrency: 25,
    bytes: 100_000_000,
    pixels: 100_000_000,
    side: 30_000,
    frames: 500,
    seconds: 40,
  },
  buckets: {
    corsOrigins: ["https://example.com"],
    expireUploadsAfterDays: 365,
    keepOldVersionsDays: 7,
  },
});
