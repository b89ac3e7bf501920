import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PurgeQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { LOCAL_ACCESS, startAws } from "@thumbsmith/aws-local";
import { BUCKETS, createQueue, QUEUES } from "@thumbsmith/local";
import { seedManifests, seedSources } from "../../checks/rehearsal/seed.ts";
import type { Bench, Part, Ran } from "../bench.ts";
import { megabytes, short, table, times, withSpread } from "../figures.ts";
import { ratio, spread } from "../pairs.ts";

const script = (path: string, ...args: string[]) => [
  ...[process.execPath, "--import", "tsx", fileURLToPath(new URL(path, import.meta.url))],
  ...args,
];
const SOURCES = 20_000;
/** As fast as possible, into a queue of any length. */
const OPTIONS = ["--yes", "--fresh", "--rate", "1000000", "--backlog", "1000000"];
const WAYS = {
  none: "`backfill`, nothing made yet",
  all: "`backfill`, all current",
  gets: "only the SDK's GETs of all manifests",
} as const;
type Way = keyof typeof WAYS;
const CALLS = ["LIST", "GET", "SQS"] as const;
type Run = Ran & { calls: Record<(typeof CALLS)[number], number> };

/** What it takes to find the stale sources, if all are stale or none is. */
export const backfill: Part = {
  name: "backfill",
  minutes: 6,
  async measure(bench) {
    const [none, all] = [await startPlace(bench, "none", 0), await startPlace(bench, "all", SOURCES)];
    const runs = await bench.pair<Way, number, Run>(
      "Backfill",
      { none: none.backfill, all: all.backfill, gets: all.get },
      [SOURCES],
    );
    const of = (way: Way, what: "wall" | "cpu" | "peak") => runs[way].flat().map((run) => run[what]);
    const over = (way: Way, what: "wall" | "cpu") => ratio(of(way, what), of("none", what));
    const rows = (Object.keys(WAYS) as Way[]).map((way) => [
      WAYS[way],
      ...(["wall", "cpu"] as const).flatMap((what) => [
        `${short(spread(of(way, what)).median / SOURCES)} s`,
        way === "none" ? "1" : `**${withSpread(over(way, what))}**`,
      ]),
      withSpread(spread(of(way, "peak")), "MB"),
      CALLS.map((call) => callsOf(runs[way].flat(), call)).join(", "),
    ]);
    const head = ["a thousand sources", "by the clock", "over the first", "CPU", "over the first", "peak"];
    return {
      text: [table([...head, `calls: ${CALLS.join(", ")}`], rows), "", NOTE].join("\n"),
      figures: {
        "all-over-none": times(over("all", "wall"), "less"),
        "all-over-none-cpu": times(over("all", "cpu"), "less"),
        "gets-over-none": times(over("gets", "wall"), "less"),
        peak: megabytes(spread(of("all", "peak"))),
      },
    };
  },
};

const NOTE = `Of ${SOURCES.toLocaleString("en")} sources in the local S3, which shares the cores. CPU time is the command's own, its start included. "Nothing made yet" sends every
key to a queue, which nothing empties. "All current" reads every manifest, as only that says which version of the source and which
configuration the outputs are of.`;

/** A bucket of sources and one of manifests, and the commands that work on them, each in its own process. */
async function startPlace(bench: Bench, name: string, manifests: number) {
  const directory = join(bench.folder, name);
  await seedSources(directory, SOURCES);
  await seedManifests(directory, manifests);
  const { endpoint, close } = await startAws({ directory });
  const sqs = new SQSClient({ ...LOCAL_ACCESS, endpoint });
  await createQueue(sqs, QUEUES.deadLetters, {});
  const { url: QueueUrl } = await createQueue(sqs, QUEUES.main, {});
  bench.keep({
    async stop() {
      sqs.destroy();
      await close();
    },
  });
  const checkpoint = ["--checkpoint", join(bench.folder, `${name}.json`)];
  const command = ["backfill", ...OPTIONS, ...checkpoint, "--endpoint", endpoint];
  return {
    get: () => counted(() => bench.run(script("../peers/gets.ts", endpoint, BUCKETS.thumbnails))),
    async backfill() {
      const run = await counted(() => bench.run(script("../../../packages/cli/src/main.ts", ...command)));
      await sqs.send(new PurgeQueueCommand({ QueueUrl }));
      const found = `sources checked, ${manifests.toLocaleString("en")} current`;
      if (run.output.includes(found)) return run;
      throw new Error(`Expected "${found}", found: ${run.output}`);
    },
  };
}

/** Counts the calls that reach the servers of this process while `work` runs. */
async function counted(work: () => Promise<Ran>): Promise<Run> {
  const calls = { LIST: 0, GET: 0, SQS: 0 };
  const count = (message: unknown) => {
    const { method, url } = (message as { request: IncomingMessage }).request;
    calls[method === "POST" ? "SQS" : url?.includes("list-type") ? "LIST" : "GET"] += 1;
  };
  subscribe("http.server.request.start", count);
  const run = await work().finally(() => unsubscribe("http.server.request.start", count));
  return { ...run, calls };
}

function callsOf(runs: readonly Run[], call: keyof Run["calls"]): string {
  return ((1_000 * spread(runs.map(({ calls }) => calls[call])).median) / SOURCES).toFixed(0);
}
