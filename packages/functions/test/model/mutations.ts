import type { Etags } from "./bucket.ts";

/** A way to break the protocol: what it is, where it is, and what stands there instead. */
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
  reconcile("no second look at the source after a write", ["now && isSame(now, source) ?", "now || !now ?"]),
  reconcile("no second look at the source after a removal", [
    '(await timed("read", workshop.uploads.head(key))) ? "again" : { result: "removed" }',
    '{ result: "removed" }',
  ]),
  reconcile("the second look compares the bytes, not the version", [
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
  current("outputs are not looked for where there should be none", [
    " && targets.every(({ etag }) => etag === undefined)",
    "",
  ]),
  current("the source is not compared with the manifest", [" || !isSame(manifest.source, source)", ""]),
  current("what was made of an earlier version stays", [
    'manifest?.outcome === "made" && isSame(manifest.source, source)',
    'manifest?.outcome === "made"',
  ]),
  plan("a variant is not compared with what its output was made with", [
    "record.made !== outputHash(target.variant)",
    "false",
  ]),
  plan("the rule is not compared with a manifest of release 0.1", [
    "before.config === hashOfRecorded(targets, rule, records)",
    "records",
  ]),
  plan("a header is not compared with the output's", [
    'record.cacheControl === target.variant.cacheControl ? "nothing" : "headers"',
    '"nothing"',
  ]),
  plan("the ThumbHash is not compared with what is wanted", [" && before.thumbHash === thumbHash", ""]),
  plan("what the manifest names besides is not compared", [
    "before?.outputs.length === steps.length",
    "before",
  ]),
  plan("what stands is made again with what does not", [
    "const steps = stepsOf(targets, rule, before);",
    'const each = stepsOf(targets, rule, before);\n  const steps = each.every(({ needs }) => needs === "nothing") ? each : stepsOf(targets, rule);',
  ]),
  reconcile("what was made for some variants is taken for what others need", [
    "source.versionId, wanted]",
    "source.versionId]",
  ]),
  reconcile("what could not be read is taken to stay so", [
    "manifest && !isUnreadable(manifest)",
    "manifest",
  ]),
  reconcile("an archived source is recorded though nothing of it stands", [
    " && standing(observed).length > 0",
    "",
  ]),
  outputs("an archived source keeps outputs that the rule no longer names", [
    "await removeOutputs(bucket, withoutStanding(observed));",
    "await removeOutputs(bucket, { ...withoutStanding(observed), retired: [] });",
  ]),
  reconcile("the outputs of a source that is gone are removed though the rule keeps them", [
    "const outlives = outliveSource(rule, key);",
    "const outlives = !rule && outliveSource(rule, key);",
  ]),
  reconcile("the outputs of a source that is gone are kept though the rule does not", [
    "const outlives = outliveSource(rule, key);",
    "const outlives = outliveSource(rule, key) || key !== '';",
  ]),
  reconcile("a source that is gone is recorded though nothing of it stands", [
    'manifest?.outcome === "made" && standing(observed).length > 0',
    'manifest?.outcome === "made"',
  ]),
  reconcile("the manifest is not looked at again before what a rule keeps is removed", [
    'if (found?.etag !== manifestEtag) return "again";',
    "",
  ]),
  outputs("what is no longer named is not looked for where outputs are kept", [
    "isRecorded && retired.length === 0 &&",
    "retired.length < 9 &&",
  ]),
  outputs("an archived source keeps outputs that are not as recorded", [
    "target.key === key && target.etag === etag",
    "target.key === key",
  ]),
  {
    ...outputs("an output's other headers are recorded and not written", [
      'step.needs === "headers" ? await writeAgain(bucket, record, headers) : record.etag',
      "record.etag",
    ]),
    etags: "unique",
  },
  current("a rejection does not depend on the limits", ["configHash(rule, limits)", "configHash(rule)"]),
  reconcile("outputs are taken to be absent though the source is gone", ['if (assumed) return "again";', ""]),
  reconcile("outputs are taken to be absent though the source is rejected", [
    'if (made instanceof ThumbsmithError && observed.assumed) return "again";',
    "",
  ]),
  reconcile("outputs are taken to be absent in every round", [
    "round(state, rounds === 1)",
    "round(state, true)",
  ]),
  reconcile("what was made of one version is taken for another's", [
    "[source.etag, source.versionId, wanted]",
    "[wanted]",
  ]),
  reconcile("a key that no rule reads is let be", [
    '(await timed("write", clear(thumbnails, observed))) ? "removed" : "ignored"',
    '"ignored"',
  ]),
  bucket("writes have no condition that they were observed absent", [
    'expected === "absent" ? !found :',
    'expected === "absent" ? true :',
  ]),
  bucket("writes have no condition that they were observed present", [
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
  observe("outputs that the rule no longer names are left", [
    "retired: stray.filter(({ etag }, i) => strayed[i]?.etag === etag)",
    "retired: []",
  ]),
  observe("outputs that the rule no longer names are removed, whosever they are", [
    "stray.filter(({ etag }, i) => strayed[i]?.etag === etag)",
    'stray.map(({ key }, i) => ({ key, etag: strayed[i]?.etag ?? "" }))',
  ]),
  settled("a conflict hides a write that was not answered", [
    "errors.find((error) => !(error instanceof Conflict)) ?? errors[0]",
    "errors[0]",
  ]),
  settled("the first error does not wait for the other calls", [
    "  const ends = await Promise.allSettled(promises);\n",
    "  await Promise.all(promises);\n  const ends = await Promise.allSettled(promises);\n",
  ]),
];
