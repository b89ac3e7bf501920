import type { Graph, Resource } from "@thumbsmith/synth";
import { list, type Statement } from "../evaluate.ts";

/** A problem of a resource. */
export interface Finding {
  resource: string;
  problem: string;
}

/** A property that every stage must have. */
export interface Control {
  /** Ids in known catalogues: Security Hub's S3.1, Checkov's CKV_AWS_53, cdk-nag's IAM5. Ours begin with TS. */
  ids: string[];
  title: string;
  /** The file that enforces it. */
  where: string;
  find(graph: Graph): Finding[];
}

export const BUCKETS = ["s3.BucketV2", "s3.Bucket"];
const KEY = /^arn:aws:kms:[a-z0-9-]+:123456789012:key\/key-id$/;

/** Checks each resource of some types. There must be at least one, or the control would pass without a check. */
export function each(
  graph: Graph,
  types: string | string[],
  problemsOf: (resource: Resource) => string[],
): Finding[] {
  const resources = list(types).flatMap((type) => graph.all(type));
  if (resources.length === 0) return [{ resource: String(types), problem: "is not there" }];
  return resources.flatMap((resource) =>
    problemsOf(resource).map((problem) => ({ resource: resource.name, problem })),
  );
}

/** Checks each bucket's setting, which is one resource of this type. */
export function eachSetting(
  graph: Graph,
  type: string,
  problemsOf: (part: Resource, bucket: Resource) => string[],
): Finding[] {
  return each(graph, BUCKETS, (bucket) => {
    const parts = graph.all(type).filter(({ inputs }) => inputs.bucket === bucket.outputs.bucket);
    return parts.length === 1
      ? parts.flatMap((part) => problemsOf(part, bucket))
      : [`has ${parts.length} ${type}`];
  });
}

export const underKey = (key: unknown) => (KEY.test(String(key)) ? [] : ["is not under our key"]);

export function refusesPlainHttp(policy: Resource, action: string, resources: string[]): string[] {
  const refuses = statementsOf(policy.inputs.policy).some(
    ({ Effect, Principal, Action, Resource, Condition }) =>
      Effect === "Deny" &&
      Principal === "*" &&
      list(Action).includes(action) &&
      resources.every((resource) => list(Resource).includes(resource)) &&
      Object.keys(Condition ?? {}).join() === "Bool" &&
      Object.keys(Condition?.Bool ?? {}).join() === "aws:SecureTransport" &&
      list(Condition?.Bool?.["aws:SecureTransport"]).join() === "false",
  );
  return refuses ? [] : ["answers without TLS"];
}

export function statementsOf(policy: string | { Statement: Statement[] }): Statement[] {
  return typeof policy === "string" ? JSON.parse(policy).Statement : policy.Statement;
}

/** The statements of a role's policies. */
export function grantsOf(role: Resource): Statement[] {
  return role.inputs.inlinePolicies.flatMap(({ policy }: { policy: string }) => statementsOf(policy));
}
