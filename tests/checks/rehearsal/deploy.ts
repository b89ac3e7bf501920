import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import type { GraphData } from "@thumbsmith/synth";
import { zip } from "../../infra/artefact.ts";
import { pluginArguments } from "./tools.ts";
import { type Schemas, translate } from "./translate.ts";

const PROVIDER = "registry.terraform.io/hashicorp/aws";

/** Applies a graph to the emulator, with the real provider. @returns the file of the stack's outputs */
export async function deploy(
  { resources, outputs, app }: GraphData,
  folder: string,
  endpoint: string,
): Promise<string> {
  const terraform = async (...args: string[]) => {
    const options = {
      cwd: folder,
      maxBuffer: 100_000_000,
      env: { ...process.env, TF_CLI_CONFIG_FILE: undefined, TF_IN_AUTOMATION: "1" },
    };
    return (await promisify(execFile)("terraform", args, options)).stdout;
  };
  const region: string = app.providers.aws.region;
  const provider = {
    region,
    access_key: "rehearsal",
    secret_key: "rehearsal",
    skip_credentials_validation: true,
    skip_metadata_api_check: "true",
    skip_requesting_account_id: false,
    s3_use_path_style: true,
    endpoints: [Object.fromEntries(SERVICES.map((service) => [service, endpoint]))],
    default_tags: app.providers.aws.defaultTags,
  };
  const required_providers = { aws: { source: "hashicorp/aws", version: "5.100.0" } };
  const main = { terraform: { required_providers }, provider: { aws: provider } };
  await writeFile(join(folder, "main.tf.json"), JSON.stringify(main));
  await terraform("init", "-input=false", ...pluginArguments);
  const { provider_schemas } = JSON.parse(await terraform("providers", "schema", "-json"));
  const schemas: Schemas = provider_schemas[PROVIDER].resource_schemas;
  const stack = translate(await withPackage(resources, folder, endpoint, region), outputs, schemas);
  await writeFile(join(folder, "stack.tf.json"), JSON.stringify(stack, null, 2));
  await terraform("apply", "-auto-approve", "-input=false", "-parallelism=20");
  const values: Record<string, { value: string }> = JSON.parse(await terraform("output", "-json"));
  const file = join(folder, "outputs.json");
  const plain = Object.fromEntries(Object.entries(values).map(([name, { value }]) => [name, value]));
  await writeFile(file, JSON.stringify(plain, null, 2));
  return file;
}

const SERVICES = [
  "cloudwatch",
  "iam",
  "kms",
  "lambda",
  "logs",
  "s3",
  "sns",
  "sqs",
  "sts",
  "budgets",
  "events",
];

/** SST's own bucket and package of the function, which its command line makes before the stack. */
async function withPackage(
  resources: GraphData["resources"],
  folder: string,
  endpoint: string,
  region: string,
) {
  const [code, target] = [join(folder, "code"), join(folder, "code.zip")];
  await mkdir(code);
  await writeFile(join(code, "bundle.mjs"), "export const handler = () => {};\n");
  await zip(code, target);
  const s3 = new S3Client({ endpoint, region });
  const object = resources.find(({ type }) => type === "aws:s3/bucketObjectv2:BucketObjectv2");
  await s3.send(new CreateBucketCommand({ Bucket: object?.inputs.bucket }));
  s3.destroy();
  return resources.map((resource) =>
    resource === object ? { ...resource, inputs: { ...resource.inputs, source: target } } : resource,
  );
}
