import { isMadeBy } from "@thumbsmith/functions";
import { type Config, type ConfigInput, configHash, defineConfig, type Manifest } from "@thumbsmith/shared";
import { expect, it } from "vitest";

const variant = { prefix: "thumbnails/", width: 150, height: 150 };
const other = { prefix: "large/", width: 1500 };
const before: ConfigInput = { rules: [{ prefix: "uploads/", variants: [variant, other] }] };

const withRule = (rule: object): ConfigInput => ({
  rules: [{ prefix: "uploads/", variants: [variant, other], ...rule }],
});
const withVariant = (fields: object) => withRule({ variants: [{ ...variant, ...fields }, other] });

// The first column of the table in docs/upgrading.md.
it.each<[string, ConfigInput, made: boolean, rejected: boolean]>([
  ["nothing", before, true, true],
  ["a default that is spelt out", withVariant({ fit: "cover" }), true, true],
  ["quality", withVariant({ quality: 81 }), false, false],
  ["cacheControl", withVariant({ cacheControl: "no-store" }), false, false],
  ["format", withVariant({ format: "webp" }), false, false],
  ["a variant is taken away", withRule({ variants: [variant] }), false, false],
  ["a variant is added", withRule({ variants: [variant, other, { prefix: "x/", width: 9 }] }), false, false],
  ["the order of variants", withRule({ variants: [other, variant] }), false, false],
  ["thumbHash", withRule({ thumbHash: true }), false, false],
  ["formats", withRule({ formats: ["jpeg"] }), false, false],
  ["retired", { ...before, retired: ["old/"] }, true, true],
  ["limits.pixels", { ...before, limits: { pixels: 1_000_000 } }, true, false],
  ["limits.memory", { ...before, limits: { memory: 3_008 } }, true, false],
  ["limits.timeout", { ...before, limits: { timeout: 120 } }, true, true],
  ["limits.concurrency", { ...before, limits: { concurrency: 20 } }, true, true],
  ["buckets", { ...before, buckets: { corsOrigins: ["https://a.co"], keepOldVersionsDays: 1 } }, true, true],
])("after a change of %s, what was made or rejected is still current, or not", (_, after, made, rejected) => {
  const [was, is] = [defineConfig(before), defineConfig(after)];
  expect([made, rejected]).toEqual([isCurrent("made", was, is), isCurrent("rejected", was, is)]);
});

function isCurrent(outcome: Manifest["outcome"], was: Config, is: Config): boolean {
  const [[old], [rule]] = [was.rules, is.rules];
  if (!old || !rule) throw new Error("Expected a rule.");
  const config = configHash(old, outcome === "rejected" ? was.limits : undefined);
  return isMadeBy({ outcome, config } as Manifest, rule, is);
}
