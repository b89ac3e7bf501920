import { main } from "@thumbsmith/local";
import { Command } from "commander";
import { backfill } from "./commands/backfill.ts";
import { cost } from "./commands/cost.ts";
import { failures } from "./commands/failures.ts";
import { inspect } from "./commands/inspect.ts";
import { addMake } from "./commands/make.ts";
import { preflight } from "./commands/preflight.ts";
import { redrive } from "./commands/redrive.ts";
import { status } from "./commands/status.ts";
import { sweep } from "./commands/sweep.ts";
import { verify } from "./commands/verify.ts";
import { addOperation } from "./operation.ts";

const operations = [preflight, verify, status, failures, redrive, inspect, backfill, sweep, cost];

await main(async (signal) => {
  let exitCode = 0;
  const exit = (code: number) => {
    exitCode = code;
  };
  const program = new Command("thumbsmith")
    .exitOverride()
    .description(
      "Operates Thumbsmith: exits with 0 when all is well, 1 when something was found, 2 when it could not look.",
    )
    .showHelpAfterError();
  for (const operation of operations) addOperation(program, operation, signal, exit);
  addMake(program, signal, exit);
  await program.parseAsync();
  return exitCode;
});
