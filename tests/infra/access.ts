import { grantsOf, statementsOf } from "./controls.ts";
import { isAllowed, type Principal, type Request, type Statement } from "./evaluate.ts";
import type { Graph } from "./graph.ts";
import { ACCOUNT } from "./mocks.ts";

/** A call and the questions that AWS asks itself about it: an object under a key asks for the key too. */
export interface Call {
  title: string;
  requests: Request[];
}

const STRANGER = "arn:aws:iam::999999999999:role/stranger";
const everything: Statement = { Effect: "Allow", Action: "*", Resource: "*" };

/** The calls that the code makes, and those that AWS's services make for it. */
export function neededCalls(graph: Graph): Call[] {
  const { role, uploads, thumbnails, key, jobs, topic, logs, traces, region } = landmarks(graph);
  const data = (action: string) =>
    ask(role, `kms:${action}`, key, { "kms:ViaService": `s3.${region}.amazonaws.com` });
  const absence = (bucket: string, name: string) => ask(role, "s3:ListBucket", bucket, { "s3:prefix": name });
  const ifNew = { "s3:if-none-match": "*" };
  const ifSame = { "s3:if-match": '"etag"' };
  const service = (name: string, SourceArn: string) =>
    [{ service: name }, { "aws:SourceArn": SourceArn, "aws:SourceAccount": ACCOUNT }] as const;
  const [s3, ofUploads] = service("s3.amazonaws.com", uploads);
  const [cloudwatch, ofAlarm] = service(
    "cloudwatch.amazonaws.com",
    graph.all("cloudwatch.MetricAlarm")[0]?.outputs.arn,
  );
  const output = `${thumbnails}/thumbnails/a/b.jpg`;
  const manifest = `${thumbnails}/manifests/uploads/a/b.jpg.json`;

  return [
    call("reads a source", ask(role, "s3:GetObject", `${uploads}/uploads/a/b.jpg`), data("Decrypt")),
    call("is told that a source is gone", absence(uploads, "uploads/a/b.jpg")),
    ...[output, manifest].flatMap((object) => {
      const name = object.slice(`${thumbnails}/`.length);
      return [
        call(`reads ${name}`, ask(role, "s3:GetObject", object), data("Decrypt")),
        call(`is told that there is no ${name}`, absence(thumbnails, name)),
        call(
          `writes ${name} where there was none`,
          ask(role, "s3:PutObject", object, ifNew),
          data("GenerateDataKey"),
        ),
        call(`replaces ${name}`, ask(role, "s3:PutObject", object, ifSame), data("GenerateDataKey")),
        call(`deletes the ${name} that it saw`, ask(role, "s3:DeleteObject", object, ifSame)),
      ];
    }),
    ...["ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes"].map((action) =>
      call(`consumes the queue: ${action}`, ask(role, `sqs:${action}`, jobs)),
    ),
    call("decrypts a message and its environment", ask(role, "kms:Decrypt", key)),
    call("writes its log", ask(role, "logs:CreateLogStream", logs), ask(role, "logs:PutLogEvents", logs)),
    call(
      "sends traces",
      ask(role, "xray:PutTraceSegments", traces),
      ask(role, "xray:PutTelemetryRecords", traces),
    ),
    call("Lambda assumes the role", ask({ service: "lambda.amazonaws.com" }, "sts:AssumeRole", role.arn)),
    call(
      "S3 sends an event to the queue",
      ask(s3, "sqs:SendMessage", jobs, ofUploads),
      ask(s3, "kms:GenerateDataKey", key, ofUploads),
      ask(s3, "kms:Decrypt", key, ofUploads),
    ),
    call(
      "CloudWatch tells the topic of an alarm",
      ask(cloudwatch, "sns:Publish", topic, ofAlarm),
      ask(cloudwatch, "kms:GenerateDataKey", key, ofAlarm),
      ask(cloudwatch, "kms:Decrypt", key, ofAlarm),
    ),
    call(
      "CloudWatch Logs encrypts the log group",
      ...["Encrypt", "Decrypt", "ReEncryptFrom", "GenerateDataKey", "DescribeKey"].map((action) =>
        ask({ service: `logs.${region}.amazonaws.com` }, `kms:${action}`, key, {
          "kms:EncryptionContext:aws:logs:arn": logs.replace(/:log-stream:.*/, ""),
        }),
      ),
    ),
  ];
}

/** What `sst dev` needs: the stub's way to the developer's machine, for which nothing else has a right. */
export function liveCalls(graph: Graph): Call[] {
  const { role } = landmarks(graph);
  const admin = { arn: `arn:aws:iam::${ACCOUNT}:role/admin` };
  return [
    call("the stub speaks through AppSync", ask(role, "appsync:EventPublish", "arn:aws:appsync:::apis/sst")),
    call("the stub hands over a large event", ask(role, "s3:PutObject", "arn:aws:s3:::sst-asset/event")),
    call("the developer's machine assumes the role", ask(admin, "sts:AssumeRole", role.arn)),
  ];
}

/** The calls that must not succeed, whoever makes them. */
export function forbiddenCalls(graph: Graph): Call[] {
  const marks = landmarks(graph);
  const { role, uploads, thumbnails, key, jobs, deadLetters, topic, logs, region } = marks;
  const admin = { arn: `arn:aws:iam::${ACCOUNT}:role/admin` };
  const stranger = { arn: STRANGER };
  const source = `${uploads}/uploads/a.jpg`;
  const output = `${thumbnails}/thumbnails/a.jpg`;
  const ifNew = { "s3:if-none-match": "*" };
  const encryption = "s3:x-amz-server-side-encryption";
  const otherKey = key.replace("key-id", "another");
  const s3 = { service: "s3.amazonaws.com" };
  const cloudwatch = { service: "cloudwatch.amazonaws.com" };
  const ours = { "aws:SourceAccount": ACCOUNT };
  const theirs = { "aws:SourceAccount": "999999999999" };

  return [
    ...["PutObject", "DeleteObject", "PutObjectAcl", "GetObjectVersion"].map((action) =>
      call(`the function touches an upload: ${action}`, ask(role, `s3:${action}`, source, ifNew)),
    ),
    call("the function reads an upload of no rule", ask(role, "s3:GetObject", `${uploads}/private/a.jpg`)),
    call("the function lists all uploads", ask(role, "s3:ListBucket", uploads)),
    call(
      "the function lists uploads of no rule",
      ask(role, "s3:ListBucket", uploads, { "s3:prefix": "private/" }),
    ),
    ...["GetObject", "PutObject", "DeleteObject"].map((action) =>
      call(
        `the function uses a prefix of no variant: ${action}`,
        ask(role, `s3:${action}`, `${thumbnails}/other/a.jpg`, { "s3:if-match": "*" }),
      ),
    ),
    call("the function deletes old versions", ask(role, "s3:DeleteObjectVersion", output)),
    call("the function rewrites the bucket's policy", ask(role, "s3:PutBucketPolicy", thumbnails)),
    call("the function sends to its queue", ask(role, "sqs:SendMessage", jobs)),
    call("the function purges its queue", ask(role, "sqs:PurgeQueue", jobs)),
    call("the function takes dead letters", ask(role, "sqs:ReceiveMessage", deadLetters)),
    call("the function uses the key for itself", ask(role, "kms:GenerateDataKey", key)),
    call("the function encrypts with the key", ask(role, "kms:Encrypt", key)),
    call("the function lends the key", ask(role, "kms:CreateGrant", key)),
    call("the function deletes the key", ask(role, "kms:ScheduleKeyDeletion", key)),
    call("the function decrypts under another key", ask(role, "kms:Decrypt", otherKey)),
    call("the function publishes an alarm", ask(role, "sns:Publish", topic)),
    call(
      "the function writes another log",
      ask(role, "logs:PutLogEvents", logs.replace("Subscriber", "Other")),
    ),
    call("the function assumes a role", ask(role, "sts:AssumeRole", admin.arn)),

    ...[role, admin].flatMap((principal) => {
      const who = principal === role ? "the function" : "an administrator";
      return [
        call(`${who} overwrites an output unseen`, ask(principal, "s3:PutObject", output)),
        call(`${who} deletes an output unseen`, ask(principal, "s3:DeleteObject", output)),
      ];
    }),
    ...[source, output].flatMap((object) => {
      const what = object === source ? "an upload" : "an output";
      const put = (context: Request["context"]) =>
        ask(admin, "s3:PutObject", object, { ...ifNew, ...context });
      return [
        call(`${what} is put under S3's own key`, put({ [encryption]: "AES256" })),
        call(`${what} is put under AWS's key`, put({ [encryption]: "aws:kms" })),
        call(
          `${what} is put under another key`,
          put({ [encryption]: "aws:kms", [`${encryption}-aws-kms-key-id`]: otherKey }),
        ),
        call(
          `${what} is put under our key twice over`,
          put({ [encryption]: "aws:kms:dsse", [`${encryption}-aws-kms-key-id`]: key }),
        ),
        call(
          `${what} is put under the caller's key`,
          put({ [`${encryption}-customer-algorithm`]: "AES256" }),
        ),
      ];
    }),

    // Whatever is allowed, is not without TLS.
    ...neededCalls(graph)
      .flatMap(({ title, requests }) => requests.map((request) => ({ title, request })))
      .filter(({ request: { action, resource } }) => /^(s3|sqs|sns):/.test(action) && resource !== "*")
      .map(({ title, request }) =>
        call(`${title}, without TLS (${request.action})`, {
          ...request,
          context: { ...request.context, "aws:SecureTransport": "false" },
        }),
      ),

    ...[
      ask(stranger, "s3:GetObject", source),
      ask(stranger, "s3:PutObject", source),
      ask(stranger, "s3:GetObject", output),
      ask(stranger, "s3:PutObject", output, ifNew),
      ask(stranger, "s3:ListBucket", uploads),
      ask(stranger, "sqs:SendMessage", jobs),
      ask(stranger, "sqs:ReceiveMessage", deadLetters),
      ask(stranger, "sns:Publish", topic),
      ask(stranger, "sns:Subscribe", topic),
      ask(stranger, "kms:Decrypt", key),
      ask(stranger, "sts:AssumeRole", role.arn),
    ].map((request) =>
      call(`another account: ${request.action} on ${nameOf(marks, request.resource)}`, request),
    ),

    call(
      "S3 sends for another bucket",
      ask(s3, "sqs:SendMessage", jobs, { ...ours, "aws:SourceArn": `${uploads}x` }),
    ),
    call(
      "S3 sends for another account",
      ask(s3, "sqs:SendMessage", jobs, { ...theirs, "aws:SourceArn": uploads }),
    ),
    ...["sns", "events"].map((name) =>
      call(
        `${name} sends to the queue`,
        ask({ service: `${name}.amazonaws.com` }, "sqs:SendMessage", jobs, {
          ...ours,
          "aws:SourceArn": uploads,
        }),
      ),
    ),
    call("S3 uses the key for another account", ask(s3, "kms:Decrypt", key, theirs)),
    call("CloudWatch uses the key for another account", ask(cloudwatch, "kms:Decrypt", key, theirs)),
    call(
      "CloudWatch Logs uses the key for another account",
      ask({ service: `logs.${region}.amazonaws.com` }, "kms:Decrypt", key, {
        "kms:EncryptionContext:aws:logs:arn": logs.replace(ACCOUNT, "999999999999"),
      }),
    ),
    call(
      "CloudWatch tells the topic of another account's alarm",
      ask(cloudwatch, "sns:Publish", topic, {
        ...theirs,
        "aws:SourceArn": `arn:aws:cloudwatch:${region}:999999999999:alarm:x`,
      }),
    ),
    call(
      "CloudWatch tells the topic of another app's alarm",
      ask(cloudwatch, "sns:Publish", topic, {
        ...ours,
        "aws:SourceArn": `arn:aws:cloudwatch:${region}:${ACCOUNT}:alarm:x`,
      }),
    ),
    call(
      "an uninvited service uses the key",
      ask({ service: "ec2.amazonaws.com" }, "kms:Decrypt", key, ours),
    ),
    call(
      "another service assumes the role",
      ask({ service: "ec2.amazonaws.com" }, "sts:AssumeRole", role.arn),
    ),
  ];
}

/** Whether all of a call is allowed: role × the policy of the resource × the key's. */
export function succeeds(graph: Graph, { requests }: Call): boolean {
  const { role } = landmarks(graph);
  return requests.every((request) => {
    const { principal, resource } = request;
    const identity = "service" in principal ? [] : principal.arn === role.arn ? role.grants : [everything];
    return isAllowed(request, { identity, resource: policyOf(graph, resource), account: ACCOUNT });
  });
}

const call = (title: string, ...requests: Request[]): Call => ({ title, requests });

function ask(
  principal: Principal,
  action: string,
  resource: string,
  context: Request["context"] = {},
): Request {
  return { principal, action, resource, context: { "aws:SecureTransport": "true", ...context } };
}

function landmarks(graph: Graph) {
  const arn = (type: string, name: string) => graph.one(type, name).outputs.arn as string;
  const role = graph.one("iam.Role", "SubscriberRole");
  return {
    role: { arn: role.outputs.arn as string, grants: grantsOf(role) },
    uploads: arn("s3.BucketV2", "UploadsBucket"),
    thumbnails: arn("s3.BucketV2", "ThumbnailsBucket"),
    key: arn("kms.Key", "Key"),
    jobs: arn("sqs.Queue", "JobsQueue"),
    deadLetters: arn("sqs.Queue", "DeadLettersQueue"),
    topic: arn("sns.Topic", "AlarmsTopic"),
    logs: `${arn("cloudwatch.LogGroup", "SubscriberLogGroup")}:log-stream:x`,
    traces: "*",
    region: graph.data.app.providers.aws.region as string,
  };
}

/** What the owner of a resource says of it. */
function policyOf(graph: Graph, arn: string): Statement[] {
  const find = (type: string, property: string, value: unknown) =>
    graph.all(type).filter(({ inputs }) => inputs[property] === value);
  const owner = graph.data.resources.find(
    ({ outputs }) => outputs.arn === arn.split("/")[0] || outputs.arn === arn,
  );
  if (!owner) return [];
  const { bucket, url, assumeRolePolicy, policy } = owner.outputs;
  const documents = [
    ...find("s3.BucketPolicy", "bucket", bucket ?? arn),
    ...find("sqs.QueuePolicy", "queueUrl", url ?? arn),
    ...find("sns.TopicPolicy", "arn", arn),
  ].map(({ inputs }) => inputs.policy);
  return [...documents, assumeRolePolicy, policy].filter(Boolean).flatMap(statementsOf);
}

function nameOf(marks: object, resource: string): string {
  const found = Object.entries(marks).filter(
    ([, arn]) => typeof arn === "string" && resource.startsWith(arn),
  );
  return found[0]?.[0] ?? "the role";
}
