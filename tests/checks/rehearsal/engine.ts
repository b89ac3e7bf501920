import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Resource } from "@thumbsmith/synth";
import type { Engine, Recorded } from "../../sst/pulumi/main.ts";
import { forgotten, leftOut } from "./differences.ts";
import { initialise, SOURCE, terraformIn, VERSION } from "./terraform.ts";
import { type Schemas, translate } from "./translate.ts";

// Runs inside the stand-in for `pulumi`: makes the recorded resources at AWS_ENDPOINT_URL, with the provider that Pulumi's
// AWS plugin wraps.

/** A resource that a plan changes, as in `terraform show -json`. */
interface Change {
  address: string;
  change: { actions: string[]; before: Properties | null; after: Properties | null };
}
type Properties = Record<string, unknown>;

/** Terraform's working directory, with the state of one stage. */
const folder = process.env.REHEARSAL_FOLDER ?? "";
const terraform = terraformIn(folder);

export default {
  async up({ resources, outputs, provider }) {
    await writeFile(join(folder, "main.tf.json"), JSON.stringify(mainOf(provider)));
    await initialise(folder);
    const { provider_schemas } = JSON.parse(await terraform("providers", "schema", "-json"));
    const schemas: Schemas = provider_schemas[`registry.terraform.io/${SOURCE}`].resource_schemas;
    const made = withPlainLogGroup(resources.filter(({ type }) => !leftOut.includes(type)));
    const stack = ignoring(forgotten, translate(made, outputs, schemas));
    await writeFile(join(folder, "stack.tf.json"), JSON.stringify(stack));
    await terraform("plan", "-out=plan", "-input=false", "-parallelism=20");
    const { resource_changes } = JSON.parse(await terraform("show", "-json", "plan"));
    await writeFile(join(folder, "changes.json"), JSON.stringify(changesOf(resource_changes).sort()));
    await terraform("apply", "-input=false", "-parallelism=20", "plan");
    const values: Record<string, { value: string }> = JSON.parse(await terraform("output", "-json"));
    return {
      ...outputs,
      ...Object.fromEntries(Object.entries(values).map(([name, { value }]) => [name, value])),
    };
  },
  async destroy() {
    await terraform("destroy", "-auto-approve", "-input=false", "-parallelism=20");
  },
} satisfies Engine;

function mainOf(settings: Recorded["provider"]) {
  const provider = {
    region: settings.region,
    default_tags: JSON.parse(settings.defaultTags ?? "{}"),
    skip_credentials_validation: true,
    skip_metadata_api_check: "true",
    s3_use_path_style: true,
  };
  const required_providers = { aws: { source: SOURCE, version: VERSION } };
  return { terraform: { required_providers }, provider: { aws: provider } };
}

/** Makes Terraform set attributes once, then ignore their changes. */
function ignoring(attributes: string[], stack: ReturnType<typeof translate>) {
  for (const [type = "", name = "", attribute] of attributes.map((each) => each.split("."))) {
    const resource = stack.resource[type]?.[name];
    if (!resource) throw new Error(`Expected a resource ${type}.${name} in the stack, found none.`);
    const { ignore_changes = [] } = (resource.lifecycle ?? {}) as { ignore_changes?: string[] };
    resource.lifecycle = { ignore_changes: [...ignore_changes, attribute] };
  }
  return stack;
}

/** Describes changes, as in `update aws_lambda_function.Subscriber: s3_key`. */
function changesOf(changes: Change[]): string[] {
  return changes.flatMap(({ address, change: { actions, before, after } }) => {
    const action = actions.join(" and ");
    if (action === "no-op" || action === "read") return [];
    if (action !== "update") return `${action} ${address}`;
    const names = Object.keys(after ?? {}).filter(
      (name) => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]),
    );
    return `update ${address}: ${names.join(", ")}`;
  });
}

/** Gives the log group Lambda's default name: see the differences. */
function withPlainLogGroup(resources: Resource[]): Resource[] {
  const one = (type: string) => resources.find((each) => each.type === type)?.outputs.name;
  const plain = `/aws/lambda/${one("aws:lambda/function:Function")}`;
  return JSON.parse(JSON.stringify(resources).replaceAll(one("aws:cloudwatch/logGroup:LogGroup"), plain));
}
