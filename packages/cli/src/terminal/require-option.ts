import { type Command, Option } from "commander";

/**
 * Adds an option that the command needs. Commander's own `requiredOption` is checked before unknown options are, so for
 * `--stagee production` it would ask for `--stage` and keep quiet about the typo.
 */
export function requireOption(
  command: Command,
  flags: string,
  description: string,
  parse: (text: string) => unknown = String,
): Command {
  const option = new Option(flags, description).argParser(parse);
  return command.addOption(option).hook("preAction", () => {
    if (command.getOptionValue(option.attributeName()) !== undefined) return;
    command.error(`error: required option '${flags}' not specified`);
  });
}
