import { artefact } from "../artefact.ts";
import { type Part, WARM_UP } from "../bench.ts";
import { startCloud } from "../cloud.ts";
import { eventOf } from "../events.ts";
import { milliseconds, short, table, times, withSpread } from "../figures.ts";
import { ratio, type Spread, spread, type Taken, totals } from "../pairs.ts";
import { COVER } from "../peers.ts";
import { type Photograph, photographs, resized } from "../photographs.ts";
import { startScript } from "../worker.ts";

/** The whole function, with the SDK and S3 over HTTP, next to sharp with the bytes in memory. */
export const handler: Part = {
  name: "handler",
  minutes: 1,
  async measure(bench) {
    const cloud = await startCloud(bench);
    const files = await photographs();
    const function_ = bench.keep(startScript("handler", [await artefact()], cloud.environment));
    const core = bench.keep(startScript("thumbsmith"));
    const calls = bench.keep(startScript("calls", [], cloud.environment));
    const raw = bench.keep(startScript("sharp", ["tutorial"]));
    const contenders = {
      async handler({ path }: Photograph) {
        return function_.ask<Taken>(eventOf([await cloud.upload(path)]));
      },
      async calls({ path }: Photograph) {
        return calls.ask<Taken>({ key: await cloud.upload(path) });
      },
      core: ({ path }: Photograph) => core.ask<Taken>({ path, variants: COVER, isInMemory: true }),
      sharp: ({ path }: Photograph) => raw.ask<Taken>({ path, variants: COVER, isInMemory: true }),
    };
    await bench.pair("Warming up", contenders, [await resized(0.5)], WARM_UP);
    const runs = await bench.pair("The handler", contenders, files);
    const cpu = { handler: totals(runs.handler), core: totals(runs.core), sharp: totals(runs.sharp) };
    const ofCalls = totals(runs.calls);
    const floor = cpu.core.map((value, i) => value + (ofCalls[i] ?? 0));
    const row = (title: string, of: number[]) => [
      title,
      of === cpu.sharp ? "1" : `**${withSpread(ratio(cpu.sharp, of))}**`,
      short(spread(of).median),
    ];
    const rows = [
      row("sharp, as in tutorials, in memory", cpu.sharp),
      row("our core, in memory", cpu.core),
      row("our function, with S3 over HTTP", cpu.handler),
    ];
    const each = spread(ofCalls.map((value) => value / files.length));
    const rest = spread(cpu.handler.map((value, i) => (value - (cpu.core[i] ?? 0)) / files.length));
    const head = ["ten photographs, one an invocation, warm", "sharp's CPU time over it", "CPU, ms"];
    return {
      text: [table(head, rows), "", noteOf(rest, each)].join("\n"),
      figures: {
        "over-sharp": times(ratio(cpu.sharp, cpu.handler)),
        around: milliseconds(rest),
        calls: milliseconds(each),
        floor: times(ratio(cpu.sharp, floor)),
      },
    };
  },
};

function noteOf(rest: Spread, calls: Spread): string {
  return `The package is the one that SST ships; S3 is \`packages/local\`'s, in another process whose time is not counted. Everything
except making the picture takes ${withSpread(rest, "ms")} of CPU time per photograph: a GET of the manifest and one of the source, a PUT of
the thumbnail and one of the manifest, and a HEAD, all signed and checked, and the log. Those
five calls, made by the SDK and nothing else, take ${withSpread(calls, "ms")}.`;
}
