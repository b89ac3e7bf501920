import { isMadeBy, planByRecord } from "@thumbsmith/functions";
import {
  type Config,
  type ConfigInput,
  configHash,
  defineConfig,
  type Manifest,
  outputHash,
  outputKey,
} from "@thumbsmith/shared";
import { expect, it } from "vitest";

const variant = { prefix: "thumbnails/", width: 150, height: 150 };
const other = { prefix: "large/", width: 1500 };
const before: ConfigInput = { rules: [{ prefix: "uploads/", variants: [variant, other] }] };

const withRule = (rule: object): ConfigInput => ({
  rules: [{ prefix: "uploads/", variants: [variant, other], ...rule }],
});
const withVariant = (fields: object) => withRule({ variants: [{ ...variant, ...fields }, other] });
const third = { prefix: "x/", width: 9 };

interface Expected {
  /** Of the outputs, how many are made, and how many get other headers. */
  make?: number;
  headers?: number;
  /** Whether what was made is current as it is; and the same of a manifest of release 0.1, and of a rejection. */
  made: boolean;
  first: boolean;
  rejected: boolean;
}
const current: Expected = { made: true, first: true, rejected: true };
const changed: Expected = { made: false, first: false, rejected: false };
const limited: Expected = { ...current, rejected: false };

// The first column of the table in docs/upgrading.md.
it.each<[string, ConfigInput, Expected]>([
  ["nothing", before, current],
  ["a default that is spelt out", withVariant({ fit: "cover" }), current],
  ["quality", withVariant({ quality: 81 }), { ...changed, make: 1 }],
  ["cacheControl", withVariant({ cacheControl: "no-store" }), { ...changed, headers: 1 }],
  ["format", withVariant({ format: "webp" }), { ...changed, make: 1 }],
  ["a prefix", withVariant({ prefix: "small/" }), { ...changed, make: 1 }],
  ["a variant is taken away", withRule({ variants: [variant] }), changed],
  ["a variant is added", withRule({ variants: [variant, third, other] }), { ...changed, make: 1 }],
  ["the order of variants", withRule({ variants: [other, variant] }), { ...changed, made: true }],
  ["thumbHash", withRule({ thumbHash: true }), changed],
  ["formats", withRule({ formats: ["jpeg"] }), { ...changed, made: true }],
  ["formats, without the source's", withRule({ formats: ["png"] }), { ...changed, make: 2 }],
  ["retired", { ...before, retired: ["old/"] }, current],
  ["limits.pixels", { ...before, limits: { pixels: 1_000_000 } }, limited],
  ["limits.memory", { ...before, limits: { memory: 3_008 } }, limited],
  ["limits.timeout", { ...before, limits: { timeout: 120 } }, current],
  ["limits.concurrency", { ...before, limits: { concurrency: 20 } }, current],
  ["buckets", { ...before, buckets: { corsOrigins: ["https://a.co"], keepOldVersionsDays: 1 } }, current],
])("after a change of %s, only what it changes is not current", (_, after, expected) => {
  const [was, is] = [defineConfig(before), defineConfig(after)];
  const [rule] = is.rules;
  if (!rule) throw new Error("Expected a rule.");
  const made = madeBy(was);
  const { steps } = planByRecord(made, rule);
  const count = (wanted: string) => steps.filter(({ needs }) => needs === wanted).length;
  const isCurrent = (manifest: Manifest) => isMadeBy(manifest, rule, is);
  expect({ make: count("bytes"), headers: count("headers") }).toEqual({
    make: expected.make ?? 0,
    headers: expected.headers ?? 0,
  });
  expect({
    made: isCurrent(made),
    first: isCurrent(asFirst(made)),
    rejected: isCurrent(rejectedBy(was)),
  }).toEqual({
    made: expected.made,
    first: expected.first,
    rejected: expected.rejected,
  });
});

it("makes of what release 0.1 made only the variants that are new", () => {
  const [rule] = defineConfig(withRule({ variants: [third, variant, other] })).rules;
  if (!rule) throw new Error("Expected a rule.");
  const { steps } = planByRecord(asFirst(madeBy(defineConfig(before))), rule);
  expect(steps.map(({ needs }) => needs)).toEqual(["bytes", "nothing", "nothing"]);
});

type Made = Extract<Manifest, { outcome: "made" }>;

const heading = { version: 1, madeAt: "2026-11-02T09:14:08.000Z", release: "0.1.0" } as const;
const source = { key: "uploads/a.jpg", etag: '"e1"', bytes: 9 };

function madeBy({ rules: [rule] }: Config): Made {
  if (!rule) throw new Error("Expected a rule.");
  const outputs = rule.variants.map((each) => ({
    ...{ key: outputKey(rule, each, source.key), etag: '"e2"', format: "jpeg" as const },
    ...{ width: 2, height: 2, bytes: 5, made: outputHash(each) },
  }));
  const image = { format: "jpeg" as const, width: 4, height: 3 };
  return { ...heading, config: configHash(rule), outcome: "made", source: { ...source, ...image }, outputs };
}

/** As release 0.1 wrote it. */
function asFirst(manifest: Made): Made {
  return { ...manifest, outputs: manifest.outputs.map(({ made, ...output }) => output) };
}

function rejectedBy({ rules: [rule], limits }: Config): Manifest {
  if (!rule) throw new Error("Expected a rule.");
  const reason = { code: "not-an-image" as const, message: "Expected an image." };
  return { ...heading, config: configHash(rule, limits), outcome: "rejected", source, reason };
}
