import { keysUnder, MANIFEST_PREFIX } from "@thumbsmith/shared";
import config from "../thumbsmith.config.ts";

// The keys under the configuration's prefixes, as policies name them.

export const sources = config.rules.map(({ prefix }) => keysUnder(prefix));
export const manifests = keysUnder(MANIFEST_PREFIX);
export const variants = config.rules.flatMap((rule) => rule.variants.map(({ prefix }) => keysUnder(prefix)));
export const outputs = [manifests, ...variants];
/** What was an output once is found and removed, and never written again. */
export const removable = [...outputs, ...config.retired.map(keysUnder)];
