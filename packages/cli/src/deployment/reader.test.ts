import { defineConfig } from "@thumbsmith/shared";
import { expect, it } from "vitest";
import { describeReader } from "./reader.ts";

const config = defineConfig({
  rules: [
    {
      prefix: "uploads/",
      names: "any",
      include: ["*/avatars/**"],
      exclude: ["**/drafts/**"],
      variants: [{ prefix: "thumbnails/", width: 150 }],
    },
  ],
});

it.each([
  ["uploads/kim/avatars/a.jpg", 'its name ends in .jpg, and its path matches */avatars/** of "include"'],
  ["uploads/kim/avatars/4f0c2b1e", 'the rule takes any name, and its path matches */avatars/** of "include"'],
  ["uploads/kim/a.jpg", 'but its path below the prefix matches none of "include": */avatars/**'],
  ["uploads/kim/avatars/drafts/a.jpg", 'but its path below the prefix matches **/drafts/** of "exclude"'],
  ["uploads/kim/avatars/", "but its name ends in a slash, as a folder's does"],
])("says why %s is read, or why not", (key, why) => {
  expect(describeReader(config, key)).toContain(why);
});
