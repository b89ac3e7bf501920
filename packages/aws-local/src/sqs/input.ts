import { SqsError } from "./errors.ts";

/** The JSON of a request, read field by field. Throws SQS's error if a field is missing or has the wrong type. */
export class Input {
  readonly #fields: Record<string, unknown>;

  constructor(value: unknown) {
    if (typeof value !== "object" || value === null) throw invalid("The request is not a JSON object.");
    this.#fields = Object.fromEntries(Object.entries(value));
  }

  text(name: string): string {
    const value = this.optionalText(name);
    if (value) return value;
    throw new SqsError(
      "MissingRequiredParameterException",
      `The request must contain the parameter ${name}.`,
    );
  }

  optionalText(name: string): string | undefined {
    const value = this.#fields[name];
    if (value === undefined || typeof value === "string") return value;
    throw invalid(`The parameter ${name} must be a string.`);
  }

  integer(name: string, bounds: { min: number; max: number }): number | undefined {
    const value = this.#fields[name];
    return value === undefined ? undefined : parseInteger(name, value, bounds);
  }

  texts(name: string): string[] {
    return this.#list(name).map(String);
  }

  entries(name: string): Input[] {
    return this.#list(name).map((value) => new Input(value));
  }

  /** The members of a map parameter. */
  members(name: string): Record<string, unknown> {
    const value = this.#fields[name] ?? {};
    if (typeof value !== "object" || value === null) throw invalid(`The parameter ${name} must be a map.`);
    return { ...value };
  }

  #list(name: string): unknown[] {
    const value = this.#fields[name] ?? [];
    if (Array.isArray(value)) return value;
    throw invalid(`The parameter ${name} must be a list.`);
  }
}

export function parseInteger(
  name: string,
  value: unknown,
  { min, max }: { min: number; max: number },
): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= min && number <= max) return number;
  throw invalid(
    `Value ${value} for parameter ${name} is invalid. Reason: Must be between ${min} and ${max}.`,
  );
}

export function invalid(message: string): SqsError {
  return new SqsError("InvalidParameterValueException", message);
}
