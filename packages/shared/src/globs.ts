import picomatch from "picomatch";

/** No character of a key is special to S3: without `dot` and `flags`, `*` would not match `.hidden` or a line break. */
const OPTIONS = {
  dot: true,
  flags: "s",
  nonegate: true,
  noextglob: true,
  strictBrackets: true,
  debug: true,
  windows: false,
};

/**
 * The most of each wildcard in a glob. Strangers choose the names that are matched, and each wildcard multiplies the
 * ways in which a name can nearly match: the slowest glob within these bounds takes 10 ms for a name of 1,000 characters.
 */
const MOST = { stars: 5, globstars: 2, starsInSegment: 2, braces: 4 };

const compiled = new WeakMap<readonly string[], readonly RegExp[]>();

/** The first of the globs that a path matches. They are compiled once for each list, which the configuration keeps. */
export function matching(globs: readonly string[], path: string): string | undefined {
  const patterns = compiled.get(globs) ?? globs.map(compile);
  compiled.set(globs, patterns);
  return globs[patterns.findIndex((pattern) => pattern.test(path))];
}

function compile(glob: string): RegExp {
  return picomatch.makeRe(glob, OPTIONS);
}

/** What was expected instead of a glob that is invalid, or too slow to match. Undefined if it is valid. */
export function expectedOfGlob(glob: string): string | undefined {
  if (/^!/.test(glob)) return 'a glob without "!" at its start: "exclude" has those that are not read';
  if (/^\//.test(glob)) return "a glob of the path below the rule's prefix, without a slash at its start";
  if (/\/$/.test(glob)) return 'a glob of whole names: add "**" to take all that is in a folder';
  if (/(?<!\\)[()]/.test(glob)) return 'a glob of "*", "**", "?", "[…]" and "{…,…}", without parentheses';
  if (isTooBroad(glob)) {
    const { stars, globstars, starsInSegment, braces } = MOST;
    return `a glob of at most ${stars} "*", ${globstars} of them "**" and ${starsInSegment} between slashes, and ${braces} "{": with more, a name could take minutes`;
  }
  return isWellFormed(glob) ? undefined : 'a glob such as "*/avatars/**", with each "[" and "{" closed';
}

function isWellFormed(glob: string): boolean {
  try {
    compile(glob);
  } catch {
    return false;
  }
  return !/\p{Cc}/u.test(glob);
}

function isTooBroad(glob: string): boolean {
  const count = (text: string, wildcard: RegExp) => text.match(wildcard)?.length ?? 0;
  return (
    count(glob, /\*+/g) > MOST.stars ||
    count(glob, /\*{2,}/g) > MOST.globstars ||
    count(glob, /\{/g) > MOST.braces ||
    glob.split("/").some((segment) => count(segment, /\*+/g) > MOST.starsInSegment)
  );
}
