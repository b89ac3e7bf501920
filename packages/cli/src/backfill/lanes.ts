import { compareKeys, outermost, type Rule } from "@thumbsmith/shared";
import { folders, type Range } from "../deployment/listing.ts";
import type { Target } from "../deployment/target.ts";

/** A part of the uploads bucket that is listed separately. */
export interface Lane extends Range {
  /** How far it is: the last key of the last page of which every message is in the queue. */
  after: string;
  done: boolean;
}

/** Where lanes begin: at each of the characters that names begin with most often, in the order of their bytes. */
const FIRST_CHARACTERS = [..."123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"];

/**
 * Cuts the prefixes that the rules read into lanes, by the first character that tells names apart. They are of
 * different lengths and many are empty; an empty one costs a request.
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

/** Follows folders for as long as each has one folder in it and nothing else: names differ below it. */
async function descend(target: Target, prefix: string): Promise<string> {
  const { names, alone } = await folders(target.s3, target.uploadsBucket, prefix);
  const [only, ...others] = names;
  return alone && only !== undefined && others.length === 0 ? descend(target, only) : prefix;
}
