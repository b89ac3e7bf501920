import { describe, expect, it } from "vitest";
import { type Manifest, parseManifest } from "./manifest.ts";

const made: Extract<Manifest, { outcome: "made" }> = {
  version: 1,
  outcome: "made",
  config: "0123456789abcdef",
  madeAt: "2026-11-02T09:14:08.000Z",
  release: "0.1.0",
  source: {
    key: "uploads/a.jpg",
    etag: '"e1"',
    versionId: "v1",
    bytes: 9,
    format: "jpeg",
    width: 4,
    height: 3,
  },
  outputs: [{ key: "thumbnails/a.jpg", etag: '"e2"', format: "jpeg", width: 2, height: 2, bytes: 5 }],
};
const rejected: Manifest = {
  ...made,
  outcome: "rejected",
  source: { key: "uploads/a.jpg", etag: '"e1"', bytes: 9 },
  reason: { code: "not-an-image", message: "Expected an image." },
};

describe("parseManifest", () => {
  it("reads back an animation, a Content-Type and a ThumbHash", () => {
    const manifest = {
      ...made,
      outputs: made.outputs.map((output) => ({ ...output, contentType: "image/webp", frames: 14 })),
      thumbHash: "1QcSHQRnh493V4dIh4eXh1h4kJUI",
    };
    expect(parseManifest(JSON.stringify(manifest))).toEqual(manifest);
  });

  it.each([made, { ...rejected, outputs: undefined }])(
    "reads back what was written: $outcome",
    (manifest) => {
      expect(parseManifest(JSON.stringify(manifest))).toMatchObject({
        outcome: manifest.outcome,
        source: manifest.source,
      });
    },
  );

  it.each([
    ["text", "oops"],
    ["nothing", ""],
    ["a later version", JSON.stringify({ ...made, version: 2 })],
    [
      "a reason that is not a rejection",
      JSON.stringify({ ...rejected, reason: { code: "throttled", message: "" } }),
    ],
    ["half a manifest", JSON.stringify(made).slice(0, 80)],
  ])("treats %s as a missing manifest", (_, body) => {
    expect(parseManifest(body)).toBeUndefined();
  });
});
