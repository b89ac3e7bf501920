import { defineConfig } from "@thumbsmith/shared";

export default defineConfig({
  rules: [
    {
      prefix: "uploads/",
      variants: [{ prefix: "thumbnails/", width: 150, height: 150 }],
    },
  ],
});
