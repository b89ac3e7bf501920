import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { storm } from "./storm.ts";

const { values } = parseArgs({
  options: {
    histories: { type: "string", default: "10000" },
    seconds: { type: "string", default: "60" },
    handlers: { type: "string", default: "3" },
  },
});

console.log("The model: random histories, each of which has to end right.");
const model = fileURLToPath(new URL("./model.ts", import.meta.url));
const { status } = spawnSync(
  process.execPath,
  ["--no-warnings", "--import", "tsx", model, values.histories],
  { stdio: "inherit" },
);

console.log(`\nThe storm: ${values.handlers} handler processes, killed at random for ${values.seconds} s.`);
const directory = await mkdtemp(join(tmpdir(), "thumbsmith-soak-"));
const { lost, stale, orphaned, ends, ...counts } = await storm({
  directory,
  seconds: Number(values.seconds),
  handlers: Number(values.handlers),
  visibility: 12,
});
await rm(directory, { recursive: true });
console.table({ ...counts, lost: lost.length, stale: stale.length, orphaned: orphaned.length });
console.log("jobs", ends);
for (const [what, keys] of Object.entries({ lost, stale, orphaned }))
  if (keys.length > 0) console.log(what, keys);
process.exit(status || lost.length + stale.length + orphaned.length > 0 ? 1 : 0);
