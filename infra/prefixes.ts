import { MANIFEST_PREFIX } from "@thumbsmith/shared";
import config from "../thumbsmith.config.ts";

// The keys under the configuration's prefixes, as policies name them.

export const sources = config.rules.map(({ prefix }) => pattern(prefix));
export const manifests = pattern(MANIFEST_PREFIX);
export const variants = config.rules.flatMap((rule) => rule.variants.map(({ prefix }) => pattern(prefix)));
export const outputs = [manifests, ...variants];
/** What was an output once is found and removed, and never written again. */
export const removable = [...outputs, ...config.retired.map(pattern)];

/** The keys under a prefix, to IAM, which takes these three characters for its own. */
function pattern(prefix: string) {
  return `${prefix.replace(/[$*?]/g, (special) => `\${${special}}`)}*`;
}
