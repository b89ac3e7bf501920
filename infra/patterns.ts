import { keysUnder, MANIFEST_PREFIX } from "@thumbsmith/shared";
import config from "../thumbsmith.config.ts";

// Patterns for policies, of the keys under the configuration's prefixes.

export const sources = config.rules.map(({ prefix }) => keysUnder(prefix));
export const manifests = keysUnder(MANIFEST_PREFIX);
export const variants = config.rules.flatMap((rule) => rule.variants.map(({ prefix }) => keysUnder(prefix)));
export const outputs = [manifests, ...variants];
/** Outputs, and those under retired prefixes, which are only removed. */
export const removable = [...outputs, ...config.retired.map(keysUnder)];
