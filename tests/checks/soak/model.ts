import { counterexamples } from "../../../packages/functions/test/model/counterexamples.ts";
import { play } from "../../../packages/functions/test/model/history.ts";
import { search, written } from "../../../packages/functions/test/model/search.ts";

/** Histories per seed: few enough to reproduce a failure quickly. */
const OF_A_SEED = 2_500;

const histories = Number(process.argv[2]);
for (const etags of ["unique", "digest"] as const) {
  for (const [title, history] of Object.entries(counterexamples)) {
    const wrong = await play(history, etags);
    if (wrong.length > 0) fail(title, wrong);
  }
  for (let played = 0; played < histories; ) {
    const found = await search(etags, Math.min(OF_A_SEED, histories - played));
    played += found.histories;
    console.log(`${played} with ${etags} ETags, the last ${found.histories} of seed ${found.seed}`);
    if (found.wrong.length > 0) fail(written(found.counterexample), found.wrong);
  }
}

function fail(history: string, wrong: string[]): never {
  console.log(`${history}\nended wrong: ${wrong.join("\n")}`);
  process.exit(1);
}
