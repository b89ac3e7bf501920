import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProgress } from "../../packages/cli/src/terminal/progress.ts";
import type { Figure } from "./figures.ts";
import { type Contenders, interleave, type Taken } from "./pairs.ts";
import { findTool, installPeers, needTool, packageOf, type Tool, type ToolName } from "./tools.ts";
import { startPython, type Worker } from "./worker.ts";

/** Runs that V8 needs to compile the code that a function on Lambda, which lives for thousands of images, repeats. */
export const WARM_UP = 150;

/** One measurement, whose result is a section of docs/performance.md. */
export interface Part {
  name: string;
  /** How long it takes on two idle cores, with seven pairs. */
  minutes: number;
  measure(bench: Bench): Promise<Section>;
}

export interface Section {
  /** Markdown. */
  text: string;
  /** The figures that `--check` and the targets use, by name. */
  figures: Record<string, Figure>;
  /** SVG, by the name of the file. */
  plots?: Record<string, string>;
}

/** The tools that a part measures with. */
export interface Bench {
  /** How many pairs of runs. */
  pairs: number;
  /** A folder that is removed after the run. */
  folder: string;
  /** Keeps a process until the part is over. */
  keep<T extends Stoppable>(process: T): T;
  /** A tool. If it is not installed, notes that it is missing. */
  find(name: ToolName): Promise<Tool | undefined>;
  /** Where npm's peers are, if they could be installed. */
  installed(): Promise<string | undefined>;
  /** Runs a command in a process of its own. */
  run(command: readonly string[], environment?: Record<string, string>): Promise<Ran>;
  /** Interleaves runs, with a progress bar. */
  pair<Name extends string, Item, Run = Taken>(
    label: string,
    contenders: Contenders<Name, Item, Run>,
    items: readonly Item[],
    rounds?: number,
  ): Promise<Record<Name, Run[][]>>;
}

interface Stoppable {
  stop(): Promise<void>;
}

/** What a command took, its largest memory in megabytes, and what it wrote to its standard output. */
export interface Ran extends Taken {
  peak: number;
  output: string;
}

/**
 * Measures one part, and ends whatever it started.
 * @param missing receives the peers that are not installed, and how to install them
 */
export async function measure(part: Part, pairs: number, missing: Map<string, string>): Promise<Section> {
  const folder = await mkdtemp(join(tmpdir(), "thumbsmith-bench-"));
  const kept: Stoppable[] = [];
  const keep = <T extends Stoppable>(process: T) => {
    kept.push(process);
    return process;
  };
  try {
    return await part.measure({ pairs, folder, keep, pair, ...finders(missing), run: runner(keep) });
  } finally {
    await Promise.all(kept.map((process) => process.stop()));
    await rm(folder, { recursive: true, force: true });
  }

  async function pair<Name extends string, Item, Run>(
    label: string,
    contenders: Contenders<Name, Item, Run>,
    items: readonly Item[],
    rounds = pairs,
  ) {
    const bar = startProgress(label, Object.keys(contenders).length * items.length * (rounds + 1));
    const onRun = (name: Name) => {
      bar.tick();
      bar.note(name);
    };
    return interleave(contenders, items, rounds, onRun).finally(() => bar.stop());
  }
}

function finders(missing: Map<string, string>): Pick<Bench, "find" | "installed"> {
  return {
    async find(name) {
      const tool = await findTool(name);
      if (!tool) missing.set(name, `apt-get install ${packageOf(name)}`);
      return tool;
    },
    installed: () =>
      installPeers().catch((error: Error) => {
        missing.set("jimp, @napi-rs/image and Node's versions", error.message.split("\n", 1)[0] ?? "");
        return undefined;
      }),
  };
}

function runner(keep: Bench["keep"]): Bench["run"] {
  let commands: Worker | undefined;
  return async (command, environment) => {
    commands ??= keep(startPython((await needTool("python")).path, "commands"));
    return commands.ask<Ran>({ command, environment });
  };
}
