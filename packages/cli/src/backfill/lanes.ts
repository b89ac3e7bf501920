import { compareKeys, outermost, type Rule } from "@thumbsmith/shared";
import { folders, type Range } from "../deployment/listing.ts";
import type { Target } from "../deployment/target.ts";

/** A part of the uploads bucket that is listed separately. */
export interface Lane extends Range {
  /** Its progress: the last key of the last page whose messages are all in the queue. */
  after: string;
  done: boolean;
}

/** Where lanes begin: at the characters that most names begin with, in byte order. */
const FIRST_CHARACTERS = [..."123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"];

/**
 * Splits the rules' prefixes into lanes, by the first character in which names differ. Lanes differ in length and
 * many are empty; an empty one costs one request.
 */
export async function lanesOf(target: Target, rules: readonly Rule[]): Promise<Lane[]> {
  const prefixes = await Promise.all(outermost(rules).map(({ prefix }) => descend(target, prefix)));
  return prefixes.sort(compareKeys).flatMap((prefix) => {
    const bounds = FIRST_CHARACTERS.map((character) => prefix + character);
    return ["", ...bounds].map((after, i) => ({
      prefix,
      after: after || prefix,
      until: bounds[i],
      done: false,
    }));
  });
}

/** Descends as long as a folder holds one folder and nothing else: the names differ only below it. */
async function descend(target: Target, prefix: string): Promise<string> {
  const { names, onlyFolders } = await folders(target.s3, target.uploadsBucket, prefix);
  const [only, ...others] = names;
  return onlyFolders && only !== undefined && others.length === 0 ? descend(target, only) : prefix;
}
