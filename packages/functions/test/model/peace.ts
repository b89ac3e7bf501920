import { type Config, outputKey, ruleOf } from "@thumbsmith/shared";
import { manifestAt } from "./ledger.ts";
import { inspect } from "./verdict.ts";
import type { World } from "./world.ts";

/** Checks that a change of the config writes only what it changes, if nothing else happens. */
export async function changeInPeace(world: World, next: Config): Promise<string[]> {
  const before = world.uploads.keys().map((key) => ({ key, seen: seen(world, key) }));
  world.configure(next);
  await world.drain();
  const moved = before.flatMap(({ key, seen: then }) => {
    const now = seen(world, key);
    return [...then].filter(([id, etag]) => now.has(id) && now.get(id) !== etag).map(([id]) => id);
  });
  const surplus = moved.map((id) => `${id} was written again.`);
  return [...surplus, ...inspect(world).wrong];
}

/** The ETags of a source's outputs, by key and by what each was made with, if the manifest records that. */
function seen({ config, thumbnails }: World, source: string): Map<string, string> {
  const rule = ruleOf(config, source);
  const manifest = manifestAt(thumbnails, source);
  if (!rule || manifest?.outcome !== "made" || !rule.formats.includes(manifest.source.format))
    return new Map();
  return new Map(
    rule.variants.flatMap((variant) => {
      const key = outputKey(rule, variant, source);
      const record = manifest.outputs.find((output) => output.key === key);
      return record?.made ? [[`${key} ${JSON.stringify(variant)}`, record.etag] as const] : [];
    }),
  );
}
