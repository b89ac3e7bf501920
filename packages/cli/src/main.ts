import { Command } from "commander";
import { addOperation, type Operation } from "./operation.ts";
import { main } from "./terminal/main.ts";

/** Adds a command to the program. */
type Add = (program: Command, signal: AbortSignal, exit: (code: number) => void) => void;

const operation =
  <Options extends object>(loaded: Operation<Options>): Add =>
  (program, signal, exit) =>
    addOperation(program, loaded, signal, exit);

/** Loads a command only when it runs: the AWS clients of all of them take a second. */
const commands: Record<string, () => Promise<Add>> = {
  demo: async () => (await import("./commands/demo.ts")).addDemo,
  local: async () => (await import("./commands/local.ts")).addLocal,
  make: async () => (await import("./commands/make.ts")).addMake,
  synth: async () => (await import("./commands/synth.ts")).addSynth,
  preflight: async () => operation((await import("./commands/preflight.ts")).preflight),
  verify: async () => operation((await import("./commands/verify.ts")).verify),
  status: async () => operation((await import("./commands/status.ts")).status),
  failures: async () => operation((await import("./commands/failures.ts")).failures),
  redrive: async () => operation((await import("./commands/redrive.ts")).redrive),
  inspect: async () => operation((await import("./commands/inspect.ts")).inspect),
  backfill: async () => operation((await import("./commands/backfill.ts")).backfill),
  sweep: async () => operation((await import("./commands/sweep.ts")).sweep),
  cost: async () => operation((await import("./commands/cost.ts")).cost),
};

await main(async (signal) => {
  let exitCode = 0;
  const exit = (code: number) => {
    exitCode = code;
  };
  const program = new Command("thumbsmith")
    .exitOverride()
    .description(
      "Make thumbnails on this machine, and operate a deployment. Exit codes: 0 all is well, 1 there is something to do, 2 the command could not run.",
    )
    .showHelpAfterError();
  const [named = ""] = process.argv.slice(2);
  const wanted = commands[named] ? [commands[named]] : Object.values(commands);
  for (const add of await Promise.all(wanted.map((load) => load()))) add(program, signal, exit);
  await program.parseAsync();
  return exitCode;
});
