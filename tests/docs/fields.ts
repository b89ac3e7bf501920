import { readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import * as z from "zod/mini";

export const root = path.resolve(import.meta.dirname, "../..");

/** The schema of an object. */
interface Shaped {
  shape: Readonly<Record<string, z.core.$ZodType>>;
}

/** A field of a schema, as a page shows it. */
export interface Field {
  name: string;
  schema: z.core.$ZodType;
  /** None for a field that may be left out. */
  default: unknown;
  required: boolean;
  /** The comment above it in the source. */
  meaning: string;
}

/**
 * The fields of an object's schema. The defaults come from the schema, the meanings from the comments above the fields,
 * which editors show as well.
 * @param name of the constant that holds the schema
 */
export function fieldsOf(file: string, name: string, schema: Shaped): Field[] {
  const comments = commentsOf(file, name);
  return Object.entries(schema.shape).map(([field, of]) => {
    const meaning = comments.get(field);
    if (!meaning) throw new Error(`Expected a comment above ${field} of ${name} in ${file}.`);
    const fallback = z.safeParse(of, undefined);
    return {
      name: field,
      schema: of,
      default: fallback.data,
      required: !fallback.success,
      meaning,
    };
  });
}

/** The comments of `const name = z.object({ … })`, by field. */
function commentsOf(file: string, name: string): Map<string, string> {
  const source = ts.createSourceFile(
    file,
    readFileSync(path.join(root, file), "utf8"),
    ts.ScriptTarget.Latest,
    true,
  );
  const comments = new Map<string, string>();
  for (const { declarationList } of source.statements.filter(ts.isVariableStatement)) {
    for (const { name: declared, initializer } of declarationList.declarations) {
      if (declared.getText() !== name || !initializer || !ts.isCallExpression(initializer)) continue;
      const [shape] = initializer.arguments;
      if (!shape || !ts.isObjectLiteralExpression(shape)) continue;
      for (const property of shape.properties) {
        const [comment] = ts.getJSDocCommentsAndTags(property);
        const text = ts.getTextOfJSDocComment(comment?.comment)?.replaceAll(/\s+/g, " ");
        if (text) comments.set(property.name?.getText() ?? "", text);
      }
    }
  }
  return comments;
}

/** The part of JSON Schema that the configuration comes to. */
interface JsonSchema {
  type?: string;
  enum?: string[];
  const?: string;
  minimum?: number;
  maximum?: number;
  pattern?: string;
  items?: JsonSchema;
  minItems?: number;
  maxItems?: number;
}

/** What a field accepts. */
export function accepted(schema: z.core.$ZodType): string {
  return inWords(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema, schema);
}

function inWords(json: JsonSchema, schema: z.core.$ZodType): string {
  if (json.enum) return json.enum.map((value) => `\`"${value}"\``).join(", ");
  if (json.const !== undefined) return `\`"${json.const}"\``;
  if (json.type === "integer") return `${grouped(json.minimum)} to ${grouped(json.maximum)}`;
  if (json.type === "boolean") return "`true`, `false`";
  if (json.type === "object") return "an object, below";
  if (json.type === "array") return `a list${countOf(json)}; ${itemsOf(json, schema)}`;
  return messageOf(schema);
}

function countOf({ minItems: least, maxItems: most }: JsonSchema): string {
  if (least && most) return ` of ${least} to ${most}`;
  if (least) return ` of ${least} or more`;
  return most ? ` of up to ${most}` : "";
}

function itemsOf({ items = {} }: JsonSchema, schema: z.core.$ZodType): string {
  if (items.type === "object") return "each an object, below";
  return `each ${items.enum ? inWords(items, schema) : messageOf(schema, ["\0"])}`;
}

/** What a person is told who gives something else. */
function messageOf(schema: z.core.$ZodType, wrong: unknown = "\0"): string {
  const { error } = z.safeParse(schema, wrong);
  if (!error?.issues[0]) throw new Error("Expected a schema that does not take everything.");
  return error.issues[0].message.replaceAll(/"[^"]+"/g, "`$&`");
}

const grouped = (value = Number.NaN) => value.toLocaleString("en-US").replaceAll(",", "_");
