import type { Etags } from "./bucket.ts";
import { counterexamples } from "./counterexamples.ts";
import { play } from "./history.ts";
import { search, written } from "./search.ts";

// A mutant throws many errors, whose stack traces are never read.
Error.stackTraceLimit = 0;
const [histories, only] = process.argv.slice(2);
const kinds = (["unique", "digest"] as Etags[]).filter((etags) => !only || etags === only);

const random: string[] = [];
for (const etags of kinds) {
  const found = await search(etags, Number(histories));
  if (!found.counterexample) continue;
  random.push(`noticed after ${found.histories} histories with ${etags} ETags, seed ${found.seed}`);
  random.push(...found.wrong, written(found.counterexample));
  break;
}
const named: string[] = [];
for (const [title, history] of Object.entries(counterexamples)) {
  for (const etags of kinds) {
    if ((await play(history, etags)).length > 0) named.push(`noticed by "${title}" (${etags})`);
  }
}
const said = [...random, ...named];
console.log(said.length > 0 ? said.join("\n") : `UNNOTICED after ${histories} histories of each kind`);
