import type { Etags } from "./bucket.ts";

/** A way to break the protocol: its name, its file, and texts with their replacements. */
export interface Mutation {
  title: string;
  file: string;
  edits: [from: string, to: string][];
  /** Those under which it is a mutation at all. */
  etags?: Etags;
}

const mutationsOf =
  (file: string) =>
  (title: string, ...edits: Mutation["edits"]): Mutation => ({ title, file, edits });
const reconcile = mutationsOf("src/sync/reconcile.ts");
const current = mutationsOf("src/sync/current.ts");
const plan = mutationsOf("src/sync/plan.ts");
const observe = mutationsOf("src/sync/observe.ts");
const outputs = mutationsOf("src/sync/outputs.ts");
const settled = mutationsOf("src/sync/settled.ts");
/** What the bucket does not check might as well not have been asked of it. */
const bucket = mutationsOf("test/model/bucket.ts");

export const mutations: Mutation[] = [
  reconcile("the source is not checked after a write", ["now && isSame(now, source) ?", "now || !now ?"]),
  reconcile("the source is not checked after a removal", [
    '(await timed("read", workshop.uploads.head(key))) ? "again" : { result: "removed" }',
    '{ result: "removed" }',
  ]),
  reconcile("the check compares the bytes, not the version", [
    "isSame(now, source)",
    "now.etag === source.etag",
  ]),
  reconcile(
    "the source is read before the outputs are observed",
    [
      "  const observed = await",
      "  const early = await uploads.get(key, config.limits.bytes);\n  const observed = await",
    ],
    ['await timed("read", uploads.get(key, config.limits.bytes))', "early"],
  ),
  plan("the outputs' ETags are not compared with the manifest", [" || record.etag !== target.etag", ""]),
  current("a rejection counts as current, without checking that there are no outputs", [
    " && targets.every(({ etag }) => etag === undefined)",
    "",
  ]),
  current("the source is not compared with the manifest", [" || !isSame(manifest.source, source)", ""]),
  current("outputs of an earlier version of the source stay", [
    'manifest?.outcome === "made" && isSame(manifest.source, source)',
    'manifest?.outcome === "made"',
  ]),
  plan("an output stays although its variant has changed", [
    "record.made !== outputHash(target.variant)",
    "false",
  ]),
  plan("the outputs of a manifest of release 0.1 stay although the rule has changed", [
    "before?.config === hashOfRecorded(targets, rule, records)",
    "records",
  ]),
  plan("an output keeps its header although the variant's has changed", [
    'record.cacheControl === target.variant.cacheControl ? "nothing" : "headers"',
    '"nothing"',
  ]),
  plan("a ThumbHash that is no longer wanted stays", [" && before.thumbHash === thumbHash", ""]),
  plan("a manifest that records more outputs than there are variants counts as current", [
    "before?.outputs.length === steps.length",
    "before",
  ]),
  plan("if one output is not current, all are made again", [
    "const steps = stepsOf(targets, rule, before);",
    'const each = stepsOf(targets, rule, before);\n  const steps = each.every(({ needs }) => needs === "nothing") ? each : stepsOf(targets, rule);',
  ]),
  reconcile("what a round made for some variants is used for others in the next", [
    "source.versionId, wanted]",
    "source.versionId]",
  ]),
  reconcile("a source that could not be read is never read again", [
    "manifest && !isUnreadable(manifest)",
    "manifest",
  ]),
  reconcile("the manifest of an archived source is written although no output is left", [
    " && standing(observed).length > 0",
    "",
  ]),
  outputs("an archived source keeps outputs of removed variants", [
    "await removeOutputs(bucket, withoutStanding(observed));",
    "await removeOutputs(bucket, { ...withoutStanding(observed), retired: [] });",
  ]),
  reconcile("the outputs of a source that is gone are removed although the rule keeps them", [
    "const outlives = outliveSource(rule, key);",
    "const outlives = !rule && outliveSource(rule, key);",
  ]),
  reconcile("the outputs of a source that is gone are kept although the rule does not say so", [
    "const outlives = outliveSource(rule, key);",
    "const outlives = outliveSource(rule, key) || key !== '';",
  ]),
  reconcile("the manifest of a source that is gone is written although no output is left", [
    'manifest?.outcome === "made" && standing(observed).length > 0',
    'manifest?.outcome === "made"',
  ]),
  reconcile("the manifest is not compared again before outputs that a rule would keep are removed", [
    'if (found?.etag !== manifestEtag) return "again";',
    "",
  ]),
  outputs("where outputs are kept, those of removed variants are not looked for", [
    "isRecorded && retired.length === 0 &&",
    "retired.length < 9 &&",
  ]),
  outputs("an archived source keeps outputs that are not as recorded", [
    "target.key === key && target.etag === etag",
    "target.key === key",
  ]),
  {
    ...outputs("new headers are recorded in the manifest, but not written", [
      'step.needs === "headers" ? await writeAgain(bucket, record, headers) : record.etag',
      "record.etag",
    ]),
    etags: "unique",
  },
  current("a rejection stays although the limits have changed", [
    "configHash(rule, limits)",
    "configHash(rule)",
  ]),
  reconcile("outputs are assumed to be absent although the source is gone", [
    'if (assumed) return "again";',
    "",
  ]),
  reconcile("outputs are assumed to be absent although the source is rejected", [
    'if (made instanceof ThumbsmithError && observed.assumed) return "again";',
    "",
  ]),
  reconcile("outputs are assumed to be absent in every round", [
    "round(state, rounds === 1)",
    "round(state, true)",
  ]),
  reconcile("what a round made from one version is used for another in the next", [
    "[source.etag, source.versionId, wanted]",
    "[wanted]",
  ]),
  reconcile("the outputs of a key that no rule reads stay", [
    '(await timed("write", clear(thumbnails, observed))) ? "removed" : "ignored"',
    '"ignored"',
  ]),
  bucket("writes of what was observed absent have no condition", [
    'expected === "absent" ? !found :',
    'expected === "absent" ? true :',
  ]),
  bucket("writes of what was observed present have no condition", [
    "this.#check(key, expected);\n    return",
    'if (expected === "absent") this.#check(key, expected);\n    return',
  ]),
  bucket("removals have no condition", ["this.#check(key, expected);\n    this.remove", "this.remove"]),
  {
    ...outputs(
      "the manifest is written before the outputs",
      [
        "  const outputs = await settled(\n",
        `  const outputs = plan.steps.map((step): OutputRecord => {
    const { key, variant } = step.target;
    const hashes = { made: outputHash(variant), cacheControl: variant.cacheControl };
    if (step.needs !== "bytes") return { ...step.record, ...hashes };
    const { bytes, ...facts } = made.outputs[toMake.indexOf(step)] ?? { bytes: Buffer.of(), format: "png", width: 0, height: 0 };
    return { key, etag: \`"\${Buffer.from(bytes).toString("base64")}"\`, ...facts, ...hashes, bytes: bytes.length };
  });
  const put = () => settled(\n`,
      ],
      [
        '  return record(bucket, observed, {\n    ...heading(config),\n    outcome: "made",',
        '  const written = await record(bucket, observed, {\n    ...heading(config),\n    outcome: "made",',
      ],
      [
        "notes: made.notes ?? plan.notes,\n  });\n",
        "notes: made.notes ?? plan.notes,\n  });\n  await put();\n  return written;\n",
      ],
    ),
    // The ETags have to be known beforehand.
    etags: "digest",
  },
  outputs(
    "the manifest is removed before the outputs",
    [
      "  const removed = await removeOutputs(bucket, observed);\n  if (!observed.manifestEtag) return removed;\n",
      "  if (!observed.manifestEtag) return removeOutputs(bucket, observed);\n",
    ],
    [
      "{ etag: observed.manifestEtag });\n  return true;",
      "{ etag: observed.manifestEtag });\n  await removeOutputs(bucket, observed);\n  return true;",
    ],
  ),
  observe("outputs of removed variants stay", [
    "retired: stray.filter(({ etag }, i) => strayed[i]?.etag === etag)",
    "retired: []",
  ]),
  observe("outputs of removed variants are removed even if they now belong to another source", [
    "stray.filter(({ etag }, i) => strayed[i]?.etag === etag)",
    'stray.map(({ key }, i) => ({ key, etag: strayed[i]?.etag ?? "" }))',
  ]),
  settled("a conflict hides a write that got no answer", [
    "errors.find((error) => !(error instanceof Conflict)) ?? errors[0]",
    "errors[0]",
  ]),
  settled("the first error does not wait for the other calls", [
    "  const ends = await Promise.allSettled(promises);\n",
    "  await Promise.all(promises);\n  const ends = await Promise.allSettled(promises);\n",
  ]),
];
