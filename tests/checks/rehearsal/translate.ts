import type { Resource } from "@thumbsmith/synth";

/** The part of `terraform providers schema -json` that distinguishes attributes from blocks. */
export interface Block {
  attributes?: Record<string, { type?: unknown; computed?: boolean; optional?: boolean; required?: boolean }>;
  block_types?: Record<string, { block: Block }>;
}
export type Schemas = Record<string, { block: Block }>;

type Properties = Record<string, unknown>;

/** Types whose Terraform name is not the module and the type in snake case. */
const types: Record<string, string> = {
  "aws:s3/bucketObjectv2:BucketObjectv2": "aws_s3_object",
  "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": "aws_sqs_queue_redrive_allow_policy",
};

/** Properties that have another name in Pulumi. */
const properties: Record<string, Record<string, string>> = {
  aws_lambda_function: { name: "function_name" },
  aws_cloudwatch_metric_alarm: { name: "alarm_name" },
  aws_sns_topic_subscription: { topic: "topic_arn" },
};

/** Outputs that other resources refer to: the mocked output, and the attribute that replaces it. */
const references: Record<string, Record<string, string>> = {
  aws_s3_bucket: { arn: "arn", bucket: "bucket" },
  aws_sqs_queue: { url: "url", arn: "arn", name: "name" },
  aws_sns_topic: { arn: "arn" },
  aws_kms_key: { arn: "arn" },
  aws_iam_role: { arn: "arn" },
  aws_lambda_function: { arn: "arn", name: "function_name" },
  aws_cloudwatch_event_rule: { arn: "arn", name: "name" },
  aws_cloudwatch_log_group: { arn: "arn", name: "name" },
};

/**
 * Writes the resources of a graph and the stack's outputs as Terraform JSON. Values of other resources become references,
 * from which Terraform finds the order.
 */
export function translate(resources: Resource[], outputs: Properties, schemas: Schemas) {
  const known: [text: string, reference: string][] = [];
  /** Ids of keys, which are too short to be replaced inside texts. */
  const keys = new Map<string, string>();
  const resource: Record<string, Record<string, Properties>> = {};
  const refer = (value: unknown): unknown => {
    if (typeof value === "string") return keys.get(value) ?? replaceAll(value, known);
    if (Array.isArray(value)) return value.map(refer);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, refer(each)]));
  };
  for (const { type: token, name: given, inputs, outputs: made } of resources) {
    if (!token.startsWith("aws:")) continue;
    const [type, name] = [typeOf(token), given.replace(/[^\w-]/g, "_")];
    const schema = schemas[type];
    if (!schema) throw new Error(`Expected a resource type of the provider, found ${type} for ${token}.`);
    resource[type] = {
      ...resource[type],
      [name]: refer(translateBlock(inputs, schema.block, type)) as Properties,
    };
    for (const [output, attribute] of Object.entries(references[type] ?? {})) {
      known.push([String(made[output]), `\${${type}.${name}.${attribute}}`]);
    }
    known.sort(([a], [b]) => b.length - a.length);
    if (type === "aws_kms_key") keys.set(String(made.keyId), `\${${type}.${name}.key_id}`);
  }
  const output = Object.fromEntries(
    Object.entries(outputs)
      .filter(([, value]) => typeof value === "string")
      .map(([name, value]) => [name, { value: refer(value) }]),
  );
  return { resource, output };
}

function typeOf(token: string): string {
  const [, module = "", name = ""] = /^aws:(\w+)\/\w+:(\w+)$/.exec(token) ?? [];
  return types[token] ?? `aws_${module}_${snake(name.replace(/V2$/, ""))}`;
}

function translateBlock(values: Properties, schema: Block, type = ""): Properties {
  const entries = Object.entries(values).flatMap(([property, value]): [string, unknown][] => {
    if (value === undefined || value === null || property.startsWith("__")) return [];
    const name = nameOf(property, schema, type);
    const nested = schema.block_types?.[name];
    if (nested) {
      const list = (Array.isArray(value) ? value : [value]) as Properties[];
      return [[name, list.map((each) => translateBlock(each, nested.block))]];
    }
    const isText = schema.attributes?.[name]?.type === "string";
    return [[name, isText && typeof value === "object" ? JSON.stringify(value) : value]];
  });
  return Object.fromEntries(entries);
}

function nameOf(property: string, { attributes = {}, block_types = {} }: Block, type: string): string {
  const name = snake(property);
  const names = [properties[type]?.[property], name, name.replace(/ies$/, "y"), name.replace(/s$/, "")];
  const found = names.find((each) => each && (each in attributes || each in block_types));
  if (found) return found;
  throw new Error(`Expected a property that ${type || "the block"} has, found ${property}.`);
}

function snake(name: string): string {
  return name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}

/** Escapes `${`, which begins a reference in Terraform. */
function replaceAll(text: string, known: [string, string][]): string {
  const escaped = text.replaceAll("${", () => "$${");
  const pattern = known.map(([name]) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  if (!pattern) return escaped;
  const references = new Map(known);
  return escaped.replace(new RegExp(pattern, "g"), (name) => references.get(name) ?? name);
}
