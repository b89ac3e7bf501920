import { type Config, manifestKey, outputKey, parseManifest, ruleOf } from "@thumbsmith/shared";
import type { StoredBytes } from "./bucket.ts";
import { manifestAt, outputsOf, recordedSources } from "./ledger.ts";
import { picture, thumbHashOf } from "./pictures.ts";
import type { World } from "./world.ts";

/** What is wrong once the queue is empty, and the leftovers that are excused. */
export function inspect(world: World): { wrong: string[]; excused: string[] } {
  const { config } = world;
  const sources = new Set([...world.uploads.keys(), ...recordedSources(world.thumbnails)]);
  const wanted = new Map([...sources].flatMap((key) => expectations(world, config, key)));
  const wrong = [...wanted].flatMap(([key, check]) => {
    const found = world.thumbnails.read(key);
    return found ? check(found).map((what) => `${key}: ${what}`) : [`${key} is missing`];
  });
  const orphans = world.thumbnails.keys().filter((key) => !wanted.has(key));
  const excused = orphans.filter((key) => isExcused(world, key));
  const inexcusable = orphans.filter((key) => !excused.includes(key));
  return { wrong: [...wrong, ...inexcusable.map((key) => `${key} is an orphan`)], excused };
}

type Check = (found: StoredBytes) => string[];

function expectations(world: World, config: Config, key: string): [string, Check][] {
  const { uploads, thumbnails } = world;
  const source = uploads.read(key);
  const rule = ruleOf(config, key);
  if (!rule) return [];
  if (!source) return rule.whenDeleted === "keep" ? whatOutlives(world, key) : [];
  const text = Buffer.from(source.body).toString();
  if (source.archived) return whatStays(world, key, source, text);
  const isRejected = text.startsWith("bad") || isTooLarge(world, config, key, source);
  const variants = isRejected ? [] : rule.variants;
  const outputs = variants.map((variant): [string, Check] => [
    outputKey(rule, variant, key),
    ({ body, cacheControl }) => [
      ...different("output", picture(text, variant), Buffer.from(body).toString()),
      ...(world.etags === "unique" ? different("Cache-Control", variant.cacheControl, cacheControl) : []),
    ],
  ]);
  const record = {
    outcome: isRejected ? "rejected" : "made",
    etag: source.etag,
    versionId: source.versionId,
    bytes: source.bytes,
    outputs: outputs.map(([output]) => `${output} ${thumbnails.read(output)?.etag}`).sort(),
    thumbHash: rule.thumbHash && !isRejected ? thumbHashOf(text) : undefined,
  };
  return [
    ...outputs,
    [
      manifestKey(key),
      (found) => different("record", JSON.stringify(record), JSON.stringify(recordOf(found))),
    ],
  ];
}

/** A deleted source keeps the outputs of one of its versions. Its rejection is removed. */
function whatOutlives(world: World, key: string): [string, Check][] {
  const manifest = manifestAt(world.thumbnails, key);
  const source = manifest?.outcome === "made" && world.uploads.everPut(manifest.source.versionId);
  return source ? whatStays(world, key, source, Buffer.from(source.body).toString()) : [];
}

/** An archived source keeps the outputs that the rule still names, made with any config. Without any, it is rejected. */
function whatStays(
  { thumbnails, config }: World,
  key: string,
  source: StoredBytes,
  text: string,
): [string, Check][] {
  const manifest = manifestAt(thumbnails, key);
  const { etag, versionId } = source;
  const identity = JSON.stringify({ etag, versionId });
  const outputs = manifest?.outcome === "made" ? manifest.outputs : [];
  return [
    ...outputs.map((output): [string, Check] => [
      output.key,
      (found) => [
        ...different("ETag", output.etag, found.etag),
        ...(outputsOf(config, key).includes(output.key) ? [] : ["the rule no longer names it"]),
        ...different("source of the output", text, Buffer.from(found.body).toString().split(" of ")[1]),
      ],
    ]),
    [
      manifestKey(key),
      () => {
        const { etag, versionId } = manifest?.source ?? {};
        const isEmpty = manifest?.outcome === "made" && outputs.length === 0;
        return [
          ...different("source", identity, JSON.stringify({ etag, versionId })),
          ...(isEmpty ? ["it names no output"] : []),
        ];
      },
    ],
  ];
}

/** A source that was made with a higher limit keeps its outputs when the limit is lowered. */
function isTooLarge({ thumbnails, configs }: World, { limits }: Config, key: string, { bytes }: StoredBytes) {
  if (bytes <= limits.bytes) return false;
  const wasWithin = configs.some((config) => bytes <= config.limits.bytes);
  return !(wasWithin && manifestAt(thumbnails, key)?.outcome === "made");
}

function recordOf({ body }: StoredBytes) {
  const manifest = parseManifest(Buffer.from(body).toString());
  if (!manifest) return undefined;
  const { etag, versionId, bytes } = manifest.source;
  if (manifest.outcome === "rejected") return { outcome: "rejected", etag, versionId, bytes, outputs: [] };
  const outputs = manifest.outputs.map((output) => `${output.key} ${output.etag}`).sort();
  return { outcome: "made", etag, versionId, bytes, outputs, thumbHash: manifest.thumbHash };
}

/**
 * The only leftover that no handler can find: an output whose handler crashed before it wrote the manifest, with a config
 * that was replaced by one without that output before the source was reconciled again. `sweep` removes it.
 */
function isExcused({ thumbnails, ledger, configs }: World, key: string): boolean {
  const output = ledger.unrecorded(key, thumbnails.read(key)?.etag);
  if (!output || output.wasSeen) return false;
  return configs.slice(output.epoch + 1).some((config) => !outputsOf(config, output.source).includes(key));
}

function different(what: string, expected: string | undefined, found: string | undefined): string[] {
  return found === expected ? [] : [`expected the ${what} ${expected}, found ${found}`];
}
