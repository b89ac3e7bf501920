import { InvalidArgumentError } from "commander";

/** Parses an option that counts something. */
export function wholeNumber(text: string): number {
  const number = Number(text.replaceAll(/[,_]/g, ""));
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new InvalidArgumentError("Expected a whole number above 0.");
}
