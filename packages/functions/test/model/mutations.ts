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
const outputs = mutationsOf("src/sync/outputs.ts");
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
  reconcile("the outputs' ETags are not compared with the manifest", [" && areAsRecorded(observed)", ""]),
  reconcile("the source is not compared with the manifest", ["isSame(manifest.source, source) && ", ""]),
  reconcile("the config is not compared with the manifest", ["isMadeBy(manifest, rule, config) && ", ""]),
  reconcile("what could not be read is taken to stay so", [
    "manifest && !isUnreadable(manifest)",
    "manifest",
  ]),
  reconcile("an archived source keeps outputs that the rule no longer names", [
    "return isNamed && ",
    "return ",
  ]),
  reconcile(
    "a rejection does not depend on the limits",
    ["configHash(rule, config.limits)", "configHash(rule)"],
    ["configHash(rule, limits)", "configHash(rule)"],
  ),
  reconcile("outputs are taken to be absent though the source is gone", [
    'if (observed.assumed) return "again";\n  const removed',
    "const removed",
  ]),
  reconcile("outputs are taken to be absent though the source is rejected", [
    'if (made instanceof ThumbsmithError && observed.assumed) return "again";',
    "",
  ]),
  reconcile("outputs are taken to be absent in every round", [
    "round(state, rounds === 1)",
    "round(state, true)",
  ]),
  reconcile("what was made of one version is taken for another's", [
    "JSON.stringify([source.etag, source.versionId])",
    '""',
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
        "const puts = observed.targets.map(async",
        "const put = async () => settled(puts());\n  const puts = () => observed.targets.map(async",
      ],
      [
        "  const outputs = await settled(puts);\n",
        `  const outputs = observed.targets.map(({ key }, i) => {
    const { bytes, ...facts } = made.outputs[i] ?? { bytes: Buffer.of(), format: "png", width: 0, height: 0 };
    return { key, etag: \`"\${Buffer.from(bytes).toString("base64")}"\`, ...facts, bytes: bytes.length };
  });
`,
      ],
      [
        '  return record(bucket, observed, {\n    ...heading(config),\n    outcome: "made",',
        '  const written = await record(bucket, observed, {\n    ...heading(config),\n    outcome: "made",',
      ],
      [
        "    thumbHash: made.thumbHash,\n  });\n",
        "    thumbHash: made.thumbHash,\n  });\n  await put();\n  return written;\n",
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
  outputs("outputs that the rule no longer names are left", [
    "retired: stray.filter(({ etag }, i) => strayed[i]?.etag === etag)",
    "retired: []",
  ]),
  outputs("outputs that the rule no longer names are removed, whosever they are", [
    "stray.filter(({ etag }, i) => strayed[i]?.etag === etag)",
    'stray.map(({ key }, i) => ({ key, etag: strayed[i]?.etag ?? "" }))',
  ]),
  outputs("a conflict hides a write that was not answered", [
    "errors.find((error) => !(error instanceof Conflict)) ?? errors[0]",
    "errors[0]",
  ]),
  outputs("the first error does not wait for the other calls", [
    "  const ends = await Promise.allSettled(promises);\n",
    "  await Promise.all(promises);\n  const ends = await Promise.allSettled(promises);\n",
  ]),
];
