import type { Graph } from "@thumbsmith/synth";
import { ACCOUNT } from "@thumbsmith/synth";
import { grantsOf, statementsOf } from "../controls/control.ts";
import { isAllowed, type Principal, type Request, type Statement } from "../evaluate.ts";

/** A call and the requests that AWS authorizes for it: for an encrypted object, one for its key too. */
export interface Call {
  title: string;
  requests: Request[];
}

export const call = (title: string, ...requests: Request[]): Call => ({ title, requests });

export function ask(
  principal: Principal,
  action: string,
  resource: string,
  context: Request["context"] = {},
): Request {
  return { principal, action, resource, context: { "aws:SecureTransport": "true", ...context } };
}

export const admin = { arn: `arn:aws:iam::${ACCOUNT}:role/admin` };

/** A write that must not replace anything. */
export const ifNew = { "s3:if-none-match": "*" };
/** A write that must replace a certain object. */
export const ifSame = { "s3:if-match": '"etag"' };

/** The resources that the calls are about. */
export function landmarks(graph: Graph) {
  const arn = (type: string, name: string) => graph.one(type, name).outputs.arn as string;
  const [distribution] = graph.all("cloudfront.Distribution");
  const ruleOf = (wanted: string) =>
    graph.all("cloudwatch.EventRule").find(({ name }) => name === wanted)?.outputs.arn as string | undefined;
  const [rule, uploadsRule] = [ruleOf("Completions"), ruleOf("UploadsRule")];
  return {
    role: { arn: arn("iam.Role", "SubscriberRole") },
    uploads: `arn:aws:s3:::${graph.data.outputs.uploadsBucket}`,
    /** The rule by which the events of a bucket that exists come. Below, that bucket's key, or ours for our bucket. */
    uploadsRule,
    uploadsKey: (graph.data.outputs.uploadsKeyArn ?? arn("kms.Key", "Key")) as string,
    thumbnails: arn("s3.BucketV2", "ThumbnailsBucket"),
    key: arn("kms.Key", "Key"),
    alarmKey: arn("kms.Key", "AlarmKey"),
    jobs: arn("sqs.Queue", "JobsQueue"),
    deadLetters: arn("sqs.Queue", "DeadLettersQueue"),
    topic: arn("sns.Topic", "AlarmsTopic"),
    logs: `${arn("cloudwatch.LogGroup", "SubscriberLogGroup")}:log-stream:x`,
    traces: "*",
    region: graph.data.app.providers.aws.region as string,
    distribution: distribution?.outputs.arn as string | undefined,
    /** The resources of the example that acts on completion. */
    completion: rule && {
      rule,
      queue: arn("sqs.Queue", "CompletionsQueue"),
      role: { arn: arn("iam.Role", "OnCompletionRole") },
    },
  };
}

/** Whether all requests of a call are allowed, by the principal's role × the policy of the resource × the key's. */
export function succeeds(graph: Graph, { requests }: Call): boolean {
  return requests.every((request) =>
    isAllowed(request, {
      identity: grantsTo(graph, request.principal),
      resource: policyOf(graph, request.resource),
      account: ACCOUNT,
    }),
  );
}

/** The identity policies of a principal. One that is not of this stage is allowed everything by its own account. */
function grantsTo(graph: Graph, principal: Principal): Statement[] {
  if ("service" in principal) return [];
  const role = graph.all("iam.Role").find(({ outputs }) => outputs.arn === principal.arn);
  return role ? grantsOf(role) : [{ Effect: "Allow", Action: "*", Resource: "*" }];
}

const accountDecides: Statement[] = [
  { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: "kms:*", Resource: "*" },
];

/** The resource-based policy of a resource. */
function policyOf(graph: Graph, arn: string): Statement[] {
  const find = (type: string, property: string, value: unknown) =>
    graph.all(type).filter(({ inputs }) => inputs[property] === value);
  const owner = graph.data.resources.find(
    ({ outputs }) => outputs.arn === arn.split("/")[0] || outputs.arn === arn,
  );
  // The policy of a key that is not of this stage lets its account decide.
  if (!owner) return arn.startsWith("arn:aws:kms:") ? accountDecides : [];
  const { bucket, url, assumeRolePolicy, policy } = owner.outputs;
  const documents = [
    ...find("s3.BucketPolicy", "bucket", bucket ?? arn),
    ...find("sqs.QueuePolicy", "queueUrl", url ?? arn),
    ...find("sns.TopicPolicy", "arn", arn),
  ].map(({ inputs }) => inputs.policy);
  return [...documents, assumeRolePolicy, policy].filter(Boolean).flatMap(statementsOf);
}
