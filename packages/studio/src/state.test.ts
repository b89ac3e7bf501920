import { defineConfig } from "@thumbsmith/shared";
import { expect, it } from "vitest";
import { State } from "./state.ts";
import { MOST_SOURCES, type Source } from "./view.ts";

const config = defineConfig({
  rules: [{ prefix: "uploads/", variants: [{ prefix: "thumbnails/", width: 15 }] }],
});

it("shows other sources in place of deleted ones", () => {
  const state = new State(config, "thumbsmith.config.ts");
  const listed = Array.from(
    { length: MOST_SOURCES + 1 },
    (_, i): Source => ({
      key: `uploads/${i}.png`,
      status: "made",
      outputs: [],
      uploadedAt: i,
      etag: `${i}`,
      bytes: 1,
    }),
  );
  state.configure(config, listed);
  const keys = () => state.view().sources.map(({ key }) => key);
  expect([keys().length, keys().at(-1)]).toEqual([200, "uploads/1.png"]);
  const newest = listed.at(-1);
  if (newest) newest.status = "deleted";
  expect([keys().length, keys()[0], keys().at(-1)]).toEqual([200, "uploads/199.png", "uploads/0.png"]);
});
