import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startListing } from "./listing-stub.ts";

const MAIN = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url));
const MEGABYTE = 1_048_576;

/**
 * Measures `backfill` over a bucket of so many objects: its time, and its memory at each quarter. The S3 and SQS that
 * it speaks to answer from a formula and keep nothing, so that only the command itself is measured.
 */
const { values } = parseArgs({ options: { objects: { type: "string", default: "200000" } } });
const objects = Number(values.objects);
const stub = await startListing(objects);
const command = [
  "--import",
  "tsx",
  MAIN,
  "backfill",
  "--local",
  stub.endpoint,
  "--yes",
  "--fresh",
  "--rate",
  "1000000",
];
const start = Date.now();
const child = spawn(process.execPath, command, { stdio: ["ignore", "inherit", "inherit"] });
const samples: { sent: number; megabytes: number }[] = [];
const sampler = setInterval(
  async () => samples.push({ sent: stub.received(), megabytes: await memoryOf(child) }),
  250,
);
const [code] = await once(child, "exit");
clearInterval(sampler);
const seconds = (Date.now() - start) / 1_000;
const megabytes = samples.map((sample) => sample.megabytes);
const quarters = [0.25, 0.5, 0.75, 1].map((part) => {
  const until = samples.filter(({ sent }) => sent > objects * (part - 0.25) && sent <= objects * part);
  return Math.round(Math.max(0, ...until.map((sample) => sample.megabytes)));
});
console.log(
  JSON.stringify({
    objects,
    sent: stub.received(),
    seconds: Math.round(seconds),
    peakMb: Math.round(Math.max(...megabytes)),
    peakMbOfEachQuarter: quarters,
  }),
);
stub.close();
process.exitCode = code === 0 && stub.received() === objects ? 0 : 1;

/** Resident memory, as Linux counts it. */
async function memoryOf({ pid }: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/statm`, "utf8").catch(() => "0 0");
  return (Number(status.split(" ")[1]) * 4_096) / MEGABYTE;
}
