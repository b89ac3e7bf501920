import { defineConfig } from "@thumbsmith/shared";
import { mark } from "./mark.ts";
import { rounded } from "./rounded.ts";

export default defineConfig({
  rules: [
    {
      prefix: "uploads/",
      variants: [
        {
          prefix: "marked/",
          width: 640,
          edit: {
            name: "watermark-1",
            // An overlay must not be larger than the image, and small uploads are not enlarged.
            apply: (image, { width, height }) =>
              Math.min(width, height) < 100
                ? image
                : image.composite([{ input: mark, gravity: "southeast" }]),
          },
        },
        {
          prefix: "avatars/",
          width: 96,
          height: 96,
          format: "png",
          edit: {
            name: "round-1",
            apply: (image, { width, height }) => image.composite([rounded(width, height, width / 2)]),
          },
        },
        {
          prefix: "covers/",
          width: 320,
          height: 180,
          format: "webp",
          edit: { name: "soft-grey-1", apply: (image) => image.greyscale().blur(2) },
        },
        {
          prefix: "banners/",
          width: 320,
          height: 100,
          edit: {
            name: "strip-1",
            apply: (image, { width, height }) =>
              image.sharpen().composite([
                {
                  input: {
                    create: { width, height: Math.min(8, height), channels: 4, background: "#1d4ed8cc" },
                  },
                  gravity: "south",
                },
              ]),
          },
        },
      ],
    },
  ],
});
