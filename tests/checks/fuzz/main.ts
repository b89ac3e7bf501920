// pnpm fuzz [--count 20000] [--seed 1]
import { parseArgs } from "node:util";
import { fuzz } from "./fuzz.ts";

const { values } = parseArgs({ options: { count: { type: "string" }, seed: { type: "string" } } });
const count = Number(values.count ?? 20_000);
const first = Number(values.seed ?? Date.now() % 1_000_000_000);

console.log(`${count} mutations from seed ${first}`);
const start = performance.now();
const { ends, faults, slowest } = await fuzz(first, count);
const seconds = (performance.now() - start) / 1_000;

for (const [end, number] of Object.entries(ends).sort(([, a], [, b]) => b - a))
  console.log(`${String(number).padStart(8)}  ${end}`);
console.log(`${seconds.toFixed(0)} s; the slowest took ${slowest.milliseconds} ms (seed ${slowest.seed})`);
for (const { seed, fault } of faults) console.error(`seed ${seed}: ${fault}`);
console.log(faults.length === 0 ? "No fault." : `${faults.length} faults: pnpm fuzz --count 1 --seed <seed>`);
process.exitCode = faults.length === 0 ? 0 : 1;
