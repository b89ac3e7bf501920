import * as z from "zod/mini";
import { S3Error } from "../errors.ts";

/** A condition on one field of a form: the value that it must have, or begin with. */
interface Match {
  operation: "eq" | "starts-with";
  /** The field's name after a dollar. */
  field: string;
  value: string;
}

/** What a form must contain. The owner of the bucket signs it. */
export interface Policy {
  expiration: Date;
  matches: Match[];
  /** Bytes of the file. */
  sizes: { min: number; max: number };
}

const lowerCase = z.pipe(
  z.string(),
  z.transform((text) => text.toLowerCase()),
);
const size = z.coerce.number().check(z.int(), z.nonnegative());

const ListCondition = z.tuple([
  z.pipe(lowerCase, z.enum(["eq", "starts-with"])),
  z.string().check(z.startsWith("$")),
  z.string(),
]);
const RangeCondition = z.tuple([z.pipe(lowerCase, z.literal("content-length-range")), size, size]);
const SimpleCondition = z.record(z.string(), z.string());

const PolicyDocument = z.object(
  {
    expiration: z
      .string("Policy missing expiration.")
      .check(z.iso.datetime({ error: ({ input }) => `Invalid 'expiration' value: '${input}'` })),
    conditions: z.array(
      z.union([ListCondition, RangeCondition, SimpleCondition], {
        error: ({ input }) => `Invalid Condition: ${JSON.stringify(input)}.`,
      }),
      "Policy missing conditions.",
    ),
  },
  "Invalid JSON.",
);

/** Parses a policy as it is in the form: JSON in base64. */
export function parsePolicy(base64: string): Policy {
  const { data, error } = PolicyDocument.safeParse(parseJson(Buffer.from(base64, "base64").toString()));
  if (error) throw invalid(error.issues[0]?.message ?? "Invalid JSON.");
  const policy: Policy = {
    expiration: new Date(data.expiration),
    matches: [],
    sizes: { min: 0, max: Number.POSITIVE_INFINITY },
  };
  for (const condition of data.conditions) {
    if (!Array.isArray(condition)) policy.matches.push(simpleMatch(condition));
    else if (condition[0] === "content-length-range") policy.sizes = { min: condition[1], max: condition[2] };
    else policy.matches.push({ operation: condition[0], field: condition[1], value: condition[2] });
  }
  return policy;
}

/**
 * Throws, as S3 does, if the policy has expired, or if the form breaks a condition or has a field that no condition names.
 * @param fields the form's fields by name, in lower case
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
 */
export function checkPolicy(policy: Policy, fields: ReadonlyMap<string, string>, now = Date.now()): void {
  if (now > policy.expiration.getTime()) throw denied("Policy expired.");
  const named = new Set<string>();
  for (const match of policy.matches) {
    const name = match.field.slice(1).toLowerCase();
    if (!holds(match, name, fields.get(name))) {
      const { operation, field, value } = match;
      throw denied(`Policy Condition failed: ["${operation}", "${field}", "${value}"]`);
    }
    named.add(name);
  }
  const extra = [...fields.keys()].filter((name) => !named.has(name) && !isFree(name));
  if (extra.length > 0) throw denied(`Extra input fields: ${extra.join(", ")}`);
}

function holds({ operation, value }: Match, name: string, actual = ""): boolean {
  if (operation === "eq") return actual === value;
  // Each of several types must meet the condition.
  const parts = name === "content-type" ? actual.split(",").map((part) => part.trim()) : [actual];
  return parts.every((part) => part.startsWith(value));
}

function isFree(name: string): boolean {
  return ["policy", "x-amz-signature", "file"].includes(name) || name.startsWith("x-ignore-");
}

function simpleMatch(condition: Record<string, string>): Match {
  const [[name, value] = [], ...more] = Object.entries(condition);
  if (name !== undefined && value !== undefined && more.length === 0) {
    return { operation: "eq", field: `$${name}`, value };
  }
  throw invalid("Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function invalid(reason: string): S3Error {
  return new S3Error("InvalidPolicyDocument", `Invalid Policy: ${reason}`);
}

function denied(reason: string): S3Error {
  return new S3Error("AccessDenied", `Invalid according to Policy: ${reason}`);
}
