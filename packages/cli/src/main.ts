import { main } from "@thumbsmith/local";
import { Command } from "commander";
import { addMake } from "./commands/make.ts";

await main(async (signal) => {
  let exitCode = 0;
  const program = new Command("thumbsmith")
    .exitOverride()
    .description(
      "Operates Thumbsmith: exits with 0 when all is well, 1 when something was found, 2 when it could not look.",
    )
    .showHelpAfterError();
  for (const add of [addMake]) {
    add(program, signal, (code) => {
      exitCode = code;
    });
  }
  await program.parseAsync();
  return exitCode;
});
