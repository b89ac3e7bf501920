/** Picks the latest. */
export const LATEST = -1;

export function choose<T>(from: readonly T[], pick: number): T | undefined {
  return pick === LATEST ? from.at(-1) : from[pick % from.length];
}

export function without<T>(from: readonly T[], one: T | undefined): T[] {
  return from.filter((each) => each !== one);
}
