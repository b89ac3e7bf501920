import type { Command } from "commander";
import { connect, LOCAL_ENDPOINT, labelOf, type Target, type Where } from "./deployment/target.ts";
import { advice } from "./terminal/advice.ts";
import { printableLines } from "./terminal/printable.ts";

/** The result of a command. */
export interface Answer {
  /** Whether there is something to do. The exit code is then 1. */
  found: boolean;
  /** For `--json`. */
  data: unknown;
  /** The text to print. */
  text: string;
}

export interface Context<Options> {
  /** The buckets and queues that the command line names. */
  connect(): Promise<Target>;
  args: string[];
  options: Options;
  signal: AbortSignal;
}

/** A command that works on a deployed stage, or on the local pipeline. */
export interface Operation<Options extends object = object> {
  name: string;
  description: string;
  /** Complete command lines. */
  examples: string[];
  /** Adds the command's own arguments and options. */
  define?(command: Command): Command;
  run(context: Context<Options>): Promise<Answer>;
}

/** Adds an operation to the program, with the options that all of them share. */
export function addOperation(
  program: Command,
  operation: Operation,
  signal: AbortSignal,
  exit: (code: number) => void,
): void {
  const command = program
    .command(operation.name)
    .description(operation.description)
    .option("--stage <name>", "a deployed stage, as recorded in .sst/outputs.json")
    .option("--outputs <file>", "read the deployment's outputs from this file instead")
    .option("--local", `the pipeline of \`pnpm local\`, at ${LOCAL_ENDPOINT}`)
    .option(
      "--endpoint <url>",
      "the pipeline of `pnpm local` at another address: a URL, host:port, or a port",
    )
    .option("--config <file>", "the configuration (default: thumbsmith.config.ts)")
    .option("--json", "print JSON")
    .addHelpText("after", ["", "Examples:", ...operation.examples.map((line) => `  ${line}`)].join("\n"));
  operation.define?.(command);
  command.action(async () => {
    const options = command.opts<Where & { json?: boolean }>();
    let target: Target | undefined;
    const connectOnce = async () => {
      target = await connect(options);
      return target;
    };
    try {
      const { args } = command;
      const answer = await operation.run({ connect: connectOnce, args, options, signal });
      console.log(options.json ? printableLines(JSON.stringify(answer.data, null, 2)) : answer.text);
      exit(signal.aborted ? 130 : answer.found ? 1 : 0);
    } catch (error) {
      throw advice(error, target?.label ?? labelOf(options));
    } finally {
      target?.close();
    }
  });
}
