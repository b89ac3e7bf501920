import { defineConfig } from "@thumbsmith/shared";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { config, type Operator, startOperator } from "../../test/pipeline.ts";
import { inspect } from "./inspect.ts";
import { sweep } from "./sweep.ts";

let operator: Operator;
beforeAll(async () => {
  operator = await startOperator();
  for (const key of ["uploads/there.jpg", "uploads/there.gif", "uploads/There.Gif"])
    await operator.upload(key);
  await operator.drain();
});
afterAll(() => operator.stop());

const options = { rate: 1_000, olderThan: 0, yes: true };

describe("thumbsmith sweep", () => {
  it("finds nothing when every output has its source", async () => {
    expect(await operator.ask(sweep, options)).toMatchObject({
      found: false,
      text: "Every output has its source, or its rule keeps it.",
    });
  });

  it("finds the outputs of sources that a rule excludes now", async () => {
    const [rule] = operator.target.config.rules;
    const rules = [{ ...rule, prefix: "uploads/", variants: rule?.variants ?? [], exclude: ["there.*"] }];
    const target = { ...operator.target, config: defineConfig({ rules }) };
    const { data } = await operator.askAt(target, sweep, options);
    expect(data).toMatchObject({ gone: ["uploads/there.gif", "uploads/there.jpg"], blocked: true });
  });

  it("removes what is left of a missing source, through the queue, and only with --delete", async () => {
    await operator.put("manifests/uploads/gone.jpg.json", "{}");
    await operator.put("thumbnails/gone.jpg", "an output");
    await operator.put("thumbnails/crashed.gif.png", "an output without a manifest");
    const dry = await operator.ask(sweep, options);
    expect(dry).toMatchObject({
      found: true,
      data: { gone: ["uploads/gone.jpg", "uploads/crashed.gif"], unnamed: [] },
    });
    expect(dry.text).toContain("Nothing was deleted. To delete them, pass --delete.");
    expect(await operator.has("thumbnails/gone.jpg")).toBe(true);

    expect(await operator.ask(sweep, { ...options, delete: true })).toMatchObject({
      found: false,
      data: { looks: 2 },
    });
    await operator.drain();
    for (const key of [
      "thumbnails/gone.jpg",
      "manifests/uploads/gone.jpg.json",
      "thumbnails/crashed.gif.png",
    ])
      expect(await operator.has(key)).toBe(false);
    expect(await operator.has("thumbnails/there.jpg")).toBe(true);
  });

  it("deletes outputs of no rule and no manifest directly, not through the queue", async () => {
    await operator.put("an-older-variant/there.jpg", "an output");
    expect((await operator.ask(sweep, { ...options, olderThan: 60 })).data).toMatchObject({ unnamed: [] });
    const answer = await operator.ask(sweep, { ...options, delete: true });
    expect(answer).toMatchObject({
      found: false,
      data: { unnamed: ["an-older-variant/there.jpg"], deleted: 1 },
    });
    expect(await operator.has("an-older-variant/there.jpg")).toBe(false);
  });

  it("leaves the outputs that a rule keeps after the source is gone, and finds the others", async () => {
    const keep = (prefix: string) => ({
      ...operator.target,
      config: defineConfig({
        rules: [{ prefix: "uploads/", whenDeleted: "keep", variants: [{ prefix, width: 60, height: 60 }] }],
      }),
    });
    const { ETag: etag } = await operator.put("thumbnails/kept.jpg", "an output");
    const outputs = [{ key: "thumbnails/kept.jpg", etag, format: "jpeg", width: 60, height: 60, bytes: 9 }];
    const source = { key: "uploads/kept.jpg", etag: "e", bytes: 1, format: "jpeg", width: 1, height: 1 };
    const heading = {
      version: 1,
      config: "of that time",
      madeAt: new Date().toISOString(),
      release: "0.1.0",
    };
    const manifest = { ...heading, outcome: "made", source, outputs };
    await operator.put("manifests/uploads/kept.jpg.json", JSON.stringify(manifest));
    const kept = keep("thumbnails/");
    expect(await operator.askAt(kept, sweep, options)).toMatchObject({ found: false, data: { gone: [] } });
    const { found, text } = await operator.askAt(kept, inspect, {}, "uploads/kept.jpg");
    expect(found).toBe(false);
    expect(text).toContain("Current: the source is gone, and its rule keeps the outputs");
    const renamed = await operator.askAt(keep("elsewhere/"), sweep, options);
    expect(renamed.data).toMatchObject({ gone: ["uploads/kept.jpg"] });
    await operator.ask(sweep, { ...options, delete: true });
    await operator.drain();
    expect(await operator.has("thumbnails/kept.jpg")).toBe(false);
  });

  it("leaves an output while a manifest of another configuration may name it", async () => {
    const target = { ...operator.target, config: config({ prefix: "smaller/", width: 30 }) };
    const answer = await operator.askAt(target, sweep, { ...options, delete: true });
    expect(answer).toMatchObject({ found: true, data: { blocked: true, deleted: 0 } });
    expect(answer.text).toContain("Update those first: pnpm thumbsmith backfill --endpoint http");
    expect(await operator.has("thumbnails/there.jpg")).toBe(true);
  });
});

describe("thumbsmith inspect", () => {
  it.each([
    ["uploads/there.jpg", false, "Current: made from this source, with this configuration."],
    ["uploads/never.jpg", true, "There is no such source, and it has no outputs."],
    ["elsewhere/a.jpg", true, "There is no such source, and no rule matches its key."],
    ["elsewhere/there.jpg", false, "No rule matches this key, and it has no outputs."],
  ])("describes the state of %s", async (key, found, verdict) => {
    if (key === "elsewhere/there.jpg") await operator.upload(key);
    const answer = await operator.ask(inspect, {}, key);
    expect(answer.found).toBe(found);
    expect(answer.text).toContain(verdict);
  });

  it.each([
    ["uploads/there.jpg", "uploads/, the longest matching prefix; its name ends in .jpg"],
    ["uploads/there", "none: uploads/ is the longest matching prefix, but its name ends in none of .jpg"],
    ["elsewhere/there.jpg", "none: the key begins with no rule's prefix: uploads/"],
  ])("says which rule reads %s, or why none does", async (key, reader) => {
    expect((await operator.ask(inspect, {}, key)).text).toContain(`rule      ${reader}`);
  });

  it("shows the manifest, the outputs and what would be made", async () => {
    const { text } = await operator.ask(inspect, {}, "uploads/there.gif");
    expect(text).toMatch(/^source {4}360 kB, ETag "/m);
    expect(text).toContain("manifest  manifests/uploads/there.gif.json, of 20");
    expect(text).toContain("output    thumbnails/there.gif.png  60 × 60");
    expect(text).toContain("variant   thumbnails/there.gif.png  60 × 60, cover, in the source's format");
  });

  it("finds an output that was changed by hand, and one whose source is gone", async () => {
    await operator.put("thumbnails/there.gif.png", "another");
    expect(await operator.ask(inspect, {}, "uploads/there.gif")).toMatchObject({ found: true });
    await operator.put("manifests/uploads/lost.jpg.json", "{}");
    const { text, found } = await operator.ask(inspect, {}, "uploads/lost.jpg");
    expect(found).toBe(true);
    expect(text).toContain("The source is gone, but its outputs are still there");
    expect(text).toContain(`To fix it: pnpm thumbsmith sweep --endpoint ${operator.endpoint}`);
  });

  it("says why a source was rejected", async () => {
    await operator.upload("uploads/words.jpg", "not-an-image.jpg");
    await operator.drain();
    const { text, found } = await operator.ask(inspect, {}, "uploads/words.jpg");
    expect(found).toBe(false);
    expect(text).toContain("Current: this source was rejected under this configuration");
    expect(text).toContain("rejected  not-an-image: ");
  });
});
