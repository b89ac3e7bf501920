import { describe, expect, it } from "vitest";
import { counterexamples } from "../../test/model/counterexamples.ts";
import { play } from "../../test/model/history.ts";
import { search, written } from "../../test/model/search.ts";

/** These take a few seconds. `pnpm soak` plays many more. */
const HISTORIES = 1_000;

describe.each(["unique", "digest"] as const)("with %s ETags", (etags) => {
  it.each(Object.entries(counterexamples))("%s", async (_, history) => {
    expect(await play(history, etags)).toEqual([]);
  });

  it("in the end, every output is that of the newest source", async () => {
    const { histories, seed, counterexample, wrong } = await search(etags, HISTORIES);
    console.log(`${histories} histories with ${etags} ETags, seed ${seed}`);
    expect(wrong, `after\n${written(counterexample)}`).toEqual([]);
  });
});
