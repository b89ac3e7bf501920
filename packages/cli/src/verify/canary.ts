import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { acceptedSuffixes, CANARY_NAME, type Manifest, manifestKey, type Rule } from "@thumbsmith/shared";
import sharp from "sharp";
import { manifestAt } from "../deployment/manifests.ts";
import type { Target } from "../deployment/target.ts";
import type { Check } from "./checks.ts";

const POLL_INTERVAL_MS = 250;
/** The color of the image, and how far its thumbnail may differ from it: JPEG is not exact. */
const COLOUR = { r: 200, g: 80, b: 40 };
const TOLERANCE = 12;
const SIDE = 400;

/** What happened to the canary: found once, and reported by several checks. */
interface Passage {
  thumbnail: string;
  manifest: string;
  cleared: string;
}

/** Uploads an image, waits for its thumbnail, checks it, and removes both. */
export function canaryChecks(target: Target, seconds: number): Check<void>[] {
  let passage: Promise<Passage> | undefined;
  const pass = () => {
    passage ??= send(target, seconds);
    return passage;
  };
  return [
    {
      id: "canary.thumbnail",
      expected: "the image, in the right size",
      read: async () => (await pass()).thumbnail,
    },
    { id: "canary.manifest", expected: "made", read: async () => (await pass()).manifest },
    { id: "canary.removed", expected: "nothing left", read: async () => (await pass()).cleared },
  ];
}

async function send(target: Target, seconds: number): Promise<Passage> {
  const { s3, uploadsBucket: Bucket, config } = target;
  const rule = config.rules.find(({ formats }) =>
    formats.some((format) => ["jpeg", "png", "webp"].includes(format)),
  );
  if (!rule)
    throw new Error(
      "The canary is a JPEG, PNG or WebP, and no rule accepts any of these. Pass --read-only to skip it.",
    );
  const suffix = acceptedSuffixes(rule).find((each) => /^\.(jpg|png|webp)$/.test(each)) ?? ".jpg";
  const Key = `${rule.prefix}${CANARY_NAME}${randomUUID()}${suffix}`;
  const image = sharp({ create: { width: SIDE, height: SIDE, channels: 3, background: COLOUR } });
  const Body = await image
    .toFormat(suffix === ".jpg" ? "jpeg" : (suffix.slice(1) as "png" | "webp"))
    .toBuffer();
  const { VersionId } = await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  // By its version, so that no older one is left behind.
  const remove = () => s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
  const { manifest, thumbnail } = await awaitOutputs(target, Key, rule, seconds).finally(remove);
  const cleared = await until(
    Date.now() + seconds * 1_000,
    async () => !(await manifestAt(target, manifestKey(Key))) || undefined,
  );
  return {
    thumbnail,
    manifest: manifest?.outcome ?? `none after ${seconds} s`,
    cleared: cleared ? "nothing left" : `${manifestKey(Key)} is still there after ${seconds} s: run sweep`,
  };
}

/** Waits for the manifest of this key, and checks the outputs that it names. */
async function awaitOutputs(target: Target, key: string, rule: Rule, seconds: number) {
  const manifest = await until(Date.now() + seconds * 1_000, () => manifestAt(target, manifestKey(key)));
  const thumbnail = manifest ? await checkOutputs(target, manifest, rule) : `nothing after ${seconds} s`;
  return { manifest, thumbnail };
}

async function checkOutputs(
  { s3, thumbnailsBucket: Bucket }: Target,
  manifest: Manifest,
  rule: Rule,
): Promise<string> {
  if (manifest.outcome !== "made") return `${manifest.reason.code}: ${manifest.reason.message}`;
  for (const [i, { key: Key }] of manifest.outputs.entries()) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const image = sharp(await Body?.transformToByteArray());
    const [{ width, height }, { channels }] = [await image.metadata(), await image.stats()];
    const { width: most = SIDE, height: tallest = SIDE } = rule.variants[i] ?? {};
    if (width > most || height > tallest) return `${Key} is ${width} × ${height}`;
    const off = [COLOUR.r, COLOUR.g, COLOUR.b].map((value, c) => Math.abs(value - (channels[c]?.mean ?? 0)));
    if (Math.max(...off) > TOLERANCE) return `${Key} shows a different image`;
  }
  return "the image, in the right size";
}

async function until<T>(end: number, read: () => Promise<T | undefined>): Promise<T | undefined> {
  for (;;) {
    const found = await read();
    if (found !== undefined || Date.now() > end) return found;
    await delay(POLL_INTERVAL_MS);
  }
}
