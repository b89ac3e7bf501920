import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStore, isConserved, isCurrent, observe } from "@thumbsmith/functions";
import {
  type Manifest,
  outliveSource,
  outputKey,
  outputPrefixes,
  type Rule,
  ruleOf,
  ThumbsmithError,
  type Variant,
} from "@thumbsmith/shared";
import open from "open";
import prettyBytes from "pretty-bytes";
import { describeReader } from "../deployment/reader.ts";
import { commandLine, type Target } from "../deployment/target.ts";
import type { Operation } from "../operation.ts";
import { printable } from "../terminal/printable.ts";

const MAX_BYTES = 100_000_000;

export const inspect: Operation<{ open?: boolean }> = {
  name: "inspect",
  description: "Show the state of one source: its manifest, its outputs, and whether they are current.",
  examples: [
    "pnpm thumbsmith inspect uploads/cats/tom.jpg --stage production",
    "pnpm thumbsmith inspect uploads/cats/tom.jpg --local --open",
  ],
  define: (command) =>
    command
      .argument("<key>", "the source's key in the uploads bucket")
      .option("--open", "open the outputs in your browser"),

  async run({ connect, args: [key = ""], options }) {
    const target = await connect();
    const { config } = target;
    const rule = ruleOf(config, key);
    const thumbnails = createStore(target.s3, target.thumbnailsBucket);
    const [source, observed] = await Promise.all([
      createStore(target.s3, target.uploadsBucket).head(key),
      observe({ key, rule, reach: outputPrefixes(config), mayAssume: false }, thumbnails),
    ]);
    const { manifest } = observed;
    const outputs = observed.targets.filter(({ etag }) => etag).map((output) => output.key);
    const kept = observed.retired.map((output) => output.key);
    const isKept = !source && rule !== undefined && outliveSource(rule, key) && isConserved(observed);
    const { current, verdict, fix } = judge({
      isKept,
      rule: rule !== undefined,
      source: source !== undefined,
      left: outputs.length + kept.length + (observed.manifestEtag ? 1 : 0),
      current: Boolean(source && rule && isCurrent(observed, { source, rule, config })),
      rejected: manifest?.outcome === "rejected",
    });
    const wouldMake = rule && source ? plan(rule, key) : [];
    if (options.open) await show(target, outputs);
    const data = {
      key,
      current,
      verdict,
      rule: describeReader(config, key),
      source,
      manifestKey: observed.manifestKey,
      manifest,
      outputs,
      retired: kept,
      wouldMake,
    };
    const next = fix && `To fix it: ${commandLine(target, fix)}`;
    return { found: !current || !(source || isKept), data, text: describe(data, next) };
  },
};

interface State {
  /** The source is gone, and its rule keeps these outputs. */
  isKept: boolean;
  rule: boolean;
  source: boolean;
  /** Objects in the thumbnails bucket. */
  left: number;
  current: boolean;
  rejected: boolean;
}

interface Verdict {
  current: boolean;
  verdict: string;
  /** The command that fixes it, by sending the key through the queue. */
  fix?: "sweep" | "backfill";
}

const verdicts: (Verdict & { when: (state: State) => boolean })[] = [
  {
    when: ({ rule, source, left }) => !rule && !source && left === 0,
    current: true,
    verdict: "There is no such source, and no rule matches its key.",
  },
  {
    when: ({ source, left }) => !source && left === 0,
    current: true,
    verdict:
      "There is no such source, and it has no outputs. Pass the whole key, such as uploads/cats/tom.jpg.",
  },
  {
    when: ({ rule, left }) => !rule && left === 0,
    current: true,
    verdict: "No rule matches this key, and it has no outputs.",
  },
  {
    when: ({ rule }) => !rule,
    current: false,
    verdict: "No rule matches this key any more, but its outputs are still there.",
    fix: "sweep",
  },
  {
    when: ({ isKept }) => isKept,
    current: true,
    verdict: 'Current: the source is gone, and its rule keeps the outputs (whenDeleted: "keep").',
  },
  {
    when: ({ source }) => !source,
    current: false,
    verdict: "The source is gone, but its outputs are still there: its event is still waiting, or was lost.",
    fix: "sweep",
  },
  {
    when: ({ current, rejected }) => current && rejected,
    current: true,
    verdict: "Current: this source was rejected under this configuration, so it has no outputs.",
  },
  {
    when: ({ current }) => current,
    current: true,
    verdict: "Current: made from this source, with this configuration.",
  },
  {
    when: () => true,
    current: false,
    verdict:
      "Not current: its event is still waiting, the configuration has changed, or an output was changed by hand.",
    fix: "backfill",
  },
];

function judge(state: State): Verdict {
  const { current, verdict, fix } = verdicts.find(({ when }) => when(state)) ?? {
    current: false,
    verdict: "",
  };
  return { current, verdict, fix };
}

function plan(rule: Rule, key: string): string[] {
  try {
    return rule.variants.map((variant) => `${outputKey(rule, variant, key)}  ${describeBox(variant)}`);
  } catch (error) {
    if (error instanceof ThumbsmithError) return [`nothing, ${error.code}: ${error.message}`];
    throw error;
  }
}

function describeBox({ width, height, fit, position, format, edit }: Variant): string {
  return [
    `${width ?? "any"} × ${height ?? "any"}`,
    position === "centre" ? fit : `${fit} (${position})`,
    format === "source" ? "in the source's format" : format,
    ...(edit ? [`edit ${edit.name}`] : []),
  ].join(", ");
}

interface Inspected {
  key: string;
  verdict: string;
  rule: string;
  source?: { etag: string; bytes: number; versionId?: string };
  manifestKey: string;
  manifest?: Manifest;
  retired: string[];
  wouldMake: string[];
}

function describe(
  { key, verdict, rule, source, manifestKey, manifest, retired, wouldMake }: Inspected,
  next?: string,
): string {
  return [
    key,
    verdict,
    ...(next ? [next] : []),
    "",
    `rule      ${rule}`,
    `source    ${source ? `${prettyBytes(source.bytes)}, ETag ${source.etag}` : "none"}`,
    `manifest  ${manifest ? `${manifestKey}, of ${manifest.madeAt} by release ${manifest.release}` : "none"}`,
    ...(manifest?.outcome === "rejected"
      ? [`rejected  ${manifest.reason.code}: ${manifest.reason.message}`]
      : []),
    ...(manifest?.outcome === "made"
      ? manifest.outputs.map(
          ({ key, width, height, bytes }) => `output    ${key}  ${width} × ${height}, ${prettyBytes(bytes)}`,
        )
      : []),
    ...(manifest?.outcome === "made" ? (manifest.notes ?? []) : []).map((note) => `note      ${note}`),
    ...retired.map((output) => `retired   ${output}`),
    ...wouldMake.map((line) => `variant   ${line}`),
  ]
    .map(printable)
    .join("\n");
}

/** Copies the outputs to a folder and opens a page there: a browser cannot read the bucket. */
async function show({ s3, thumbnailsBucket }: Target, keys: string[]): Promise<void> {
  const store = createStore(s3, thumbnailsBucket);
  const folder = await mkdtemp(join(tmpdir(), "thumbsmith-inspect-"));
  const figures = await Promise.all(
    keys.map(async (key, i) => {
      const name = `${i}${/\.\w+$/.exec(key)?.[0] ?? ""}`;
      await writeFile(join(folder, name), (await store.get(key, MAX_BYTES))?.body ?? "");
      return `<figure><img src="${name}"><figcaption>${inHtml(key)}</figcaption></figure>`;
    }),
  );
  const page = join(folder, "index.html");
  await writeFile(
    page,
    `<!doctype html><meta charset="utf-8"><title>Thumbsmith</title>${figures.join("") || "No outputs."}`,
  );
  console.error(`Written to ${page}`);
  await open(page);
}

function inHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
