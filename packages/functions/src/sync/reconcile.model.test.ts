import { describe, expect, it } from "vitest";
import { counterexamples } from "../../test/model/counterexamples.ts";
import { play } from "../../test/model/history.ts";
import { search, written } from "../../test/model/search.ts";

/** A few seconds' worth. `pnpm soak` plays many more. */
const HISTORIES = 1_000;

describe.each(["unique", "digest"] as const)("with %s ETags", (etags) => {
  it.each(Object.entries(counterexamples))("%s", async (_, history) => {
    expect(await play(history, etags)).toEqual([]);
  });

  it("every output is in the end that of the newest source, whatever happened on the way", async () => {
    const { histories, seed, counterexample, wrong } = await search(etags, HISTORIES);
    console.log(`${histories} histories with ${etags} ETags, seed ${seed}`);
    expect(wrong, `after\n${written(counterexample)}`).toEqual([]);
  });
});
