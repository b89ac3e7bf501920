import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ConfigInput, configHash, defineConfig, manifestKey } from "@thumbsmith/shared";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { config, type Operator, startOperator } from "../../test/pipeline.ts";
import { fileOf, nameOf } from "../backfill/checkpoint.ts";
import type { Bill } from "../cost/bill.ts";
import { backfill } from "./backfill.ts";

/** One key is a prefix of another, so their manifests sort differently; one is too long to take a suffix. */
const KEYS = [
  "uploads/a.jpg",
  "uploads/a.jpg-b.jpg",
  "uploads/b c+é.jpg",
  `uploads/${"n".repeat(1_002)}.jpg`,
];
const options = { yes: true, rate: 1_000, backlog: 1_000, parallel: 4 };

let operator: Operator;
let checkpoint: string;
beforeAll(async () => {
  operator = await startOperator();
  checkpoint = join(operator.directory, "checkpoint.json");
  for (const key of KEYS) await operator.upload(key);
  await operator.upload("uploads/notes.txt");
  await operator.upload("uploads/odd.jPG");
  await operator.drain();
});
afterAll(() => operator.stop());

const run = (more: Partial<Parameters<typeof backfill.run>[0]["options"]> = {}, target = operator.target) =>
  operator.askAt(target, backfill, { ...options, checkpoint, ...more });

describe("thumbsmith backfill", () => {
  it("has nothing to do when every source is current", async () => {
    const { data, text, found } = await run();
    expect(data).toMatchObject({ looked: KEYS.length, stale: 0 });
    expect(text).toMatch(/^4 sources checked, 4 current, 0 sent/);
    expect(text).toContain("Skipped: 2 objects that no rule reads, by name or path.");
    expect(found).toBe(false);
    expect(existsSync(checkpoint)).toBe(false);
  });

  it("checks only the sources whose names and paths the rule reads", async () => {
    const [rule] = operator.target.config.rules;
    if (!rule) throw new Error("a rule is needed");
    const withRule = (more: object) => ({
      ...operator.target,
      config: defineConfig({ rules: [{ ...rule, ...more }] }),
    });
    const left = await run({ dryRun: true }, withRule({ exclude: ["a.*"] }));
    expect(left.data).toMatchObject({ looked: KEYS.length - 2, stale: 0, unaccepted: 4 });
    const any = await run({ dryRun: true }, withRule({ names: "any" }));
    expect(any.data).toMatchObject({ looked: KEYS.length + 2, stale: 2, unaccepted: 0 });
  });

  it.each([
    ["the manifest is gone", async () => operator.remove(manifestKey("uploads/a.jpg"))],
    ["the manifest is invalid", async () => operator.put(manifestKey("uploads/a.jpg"), "{}")],
  ])("sends a source again when %s", async (_, breakIt) => {
    await breakIt();
    expect((await run({ dryRun: true })).data).toMatchObject({ looked: 4, stale: 1 });
    expect((await run()).data).toMatchObject({ looked: 4, stale: 1 });
    await operator.drain();
    expect((await run()).data).toMatchObject({ looked: 4, stale: 0 });
  });

  it("finds a source that was replaced without an event", async () => {
    const at = manifestKey("uploads/a.jpg");
    const manifest = {
      version: 1,
      config: configHash(operator.target.config.rules[0] ?? never()),
      outcome: "rejected",
    };
    const source = { key: "uploads/a.jpg", etag: '"another"', bytes: 1 };
    const reason = { code: "corrupt-image", message: "It was cut short." };
    const whole = { ...manifest, source, reason, madeAt: new Date().toISOString(), release: "0.1.0" };
    await operator.put(at, JSON.stringify(whole));
    expect((await run()).data).toMatchObject({ stale: 1 });
    await operator.drain();
  });

  it("finds every source stale after a configuration change, and prices the work", async () => {
    const target = { ...operator.target, config: config({ width: 61 }) };
    const { data, text } = await run({ dryRun: true }, target);
    expect(data).toMatchObject({ looked: 4, stale: 4, unaccepted: 2, dryRun: true });
    expect(text).toContain(
      "4 sources checked, 0 current, 4 to send: 1 second at 1000 a second, about $0.00 at list prices of us-east-1, January 2025.",
    );
    expect(text).toMatch(/S3 GET, HEAD +4 requests +\$0\.0004 per 1,000 +\$0\.00 +4 manifests read/);
  });

  const small = config().rules.flatMap((rule) => rule.variants);
  const headers = { cacheControl: "no-store" };
  it.each([
    [
      "a header changes",
      config(headers),
      "0 to make, 4 to rewrite with new headers, 0 to leave as they are",
      8,
    ],
    [
      "a variant is added",
      withVariants([...small, { prefix: "more/", width: 9 }]),
      "4 to make, 0 to rewrite with new headers, 4 to leave as they are",
      8,
    ],
  ])("counts and prices the work per output when %s", async (_, config, outputs, puts) => {
    const { data, text } = await run({ dryRun: true }, { ...operator.target, config });
    expect(data).toMatchObject({ looked: 4, stale: 4 });
    expect(text).toContain(`Outputs: ${outputs}.`);
    const { lines } = data as Bill;
    expect(lines.find(({ item }) => item === "EventBridge, S3's events")?.quantity).toBe(puts);
  });

  it("sends every source without checking it with --all", async () => {
    expect((await run({ all: true })).data).toMatchObject({ looked: 4, stale: 4 });
    await operator.drain();
  });

  it("resumes a stopped run, unless the configuration has changed", async () => {
    const stopped = (of: string) =>
      JSON.stringify({
        ...{ of, looked: 2, sent: 2 },
        lanes: [{ prefix: "uploads/", after: "uploads/a.jpg-b.jpg", done: false }],
      });
    await writeFile(checkpoint, stopped(nameOf(operator.target, { all: true })));
    expect((await run({ all: true })).data).toMatchObject({ looked: 4, stale: 4 });
    await writeFile(checkpoint, stopped("another"));
    expect((await run({ all: true })).data).toMatchObject({ looked: 4, stale: 4 });
    await operator.drain();
  });

  it("stops at the signal, and records its progress", async () => {
    const interruption = new AbortController();
    interruption.abort();
    const connect = async () => operator.target;
    const { text } = await backfill.run({
      ...{ connect, args: [], options: { ...options, checkpoint, all: true }, signal: interruption.signal },
    });
    expect(text).toMatch(/^Stopped: 0 sources listed, 0 sent/);
    const kept = JSON.parse(await readFile(checkpoint, "utf8"));
    expect(kept.lanes[0]).toEqual({ prefix: "uploads/", after: "uploads/", until: "uploads/1", done: false });
  });

  it("resolves the checkpoint's path from the folder where the command was typed", () => {
    vi.stubEnv("INIT_CWD", "/home/kim");
    expect(fileOf(operator.target, "notes/checkpoint.json")).toBe("/home/kim/notes/checkpoint.json");
    vi.unstubAllEnvs();
  });

  it("refuses to start without --yes when there is no terminal to ask on", async () => {
    await expect(run({ yes: false })).rejects.toThrow(
      "There is no terminal to ask on. Pass --yes, or --dry-run to see what it would do.",
    );
  });

  it("fails with the queue's error", async () => {
    const target = { ...operator.target, queueUrl: `${operator.endpoint}/000000000000/gone` };
    await expect(run({ all: true, fresh: true }, target)).rejects.toThrow(/queue does not exist/i);
  });
});

function withVariants(variants: ConfigInput["rules"][number]["variants"]) {
  return defineConfig({ rules: [{ prefix: "uploads/", variants }] });
}

function never(): never {
  throw new Error("The configuration has a rule.");
}
