import type { Graph } from "@thumbsmith/synth";
import { ACCOUNT } from "@thumbsmith/synth";
import type { Principal, Request } from "../evaluate.ts";
import { forbiddenToApplication } from "./application.ts";
import { admin, ask, type Call, call, ifNew, ifSame, landmarks } from "./call.ts";
import { forbiddenToCanary } from "./canary.ts";
import { neededCalls } from "./needed.ts";

type Marks = ReturnType<typeof landmarks>;

const STRANGER_ACCOUNT = "999999999999";
const stranger = { arn: `arn:aws:iam::${STRANGER_ACCOUNT}:role/stranger` };
const ec2 = { service: "ec2.amazonaws.com" };
const ours = { "aws:SourceAccount": ACCOUNT };
const theirs = { "aws:SourceAccount": STRANGER_ACCOUNT };
const encryption = "s3:x-amz-server-side-encryption";

/** The calls that must fail. */
export function forbiddenCalls(graph: Graph): Call[] {
  const marks = landmarks(graph);
  return [
    ...ofFunction(marks),
    ...ofWriters(marks),
    ...withoutTls(marks, neededCalls(graph)),
    ...ofStrangers(marks),
    ...ofS3AndEventBridge(marks),
    ...ofTheirBucket(marks),
    ...ofCloudWatch(marks),
    ...ofCloudFront(marks),
    ...ofCompletion(marks),
    ...forbiddenToApplication(graph),
    ...forbiddenToCanary(graph),
    call("an uninvited service uses the key", ask(ec2, "kms:Decrypt", marks.key, ours)),
    call("another service assumes the role", ask(ec2, "sts:AssumeRole", marks.role.arn)),
    call("an administrator assumes the role", ask(admin, "sts:AssumeRole", marks.role.arn)),
  ];
}

function ofFunction(marks: Marks): Call[] {
  const { role, uploads, thumbnails, key, jobs, deadLetters, topic, logs, region } = marks;
  const source = `${uploads}/uploads/a.jpg`;
  const other = `${thumbnails}/other/a.jpg`;
  const may = (what: string, action: string, resource: string, context: Request["context"] = {}) =>
    call(`the function ${what}`, ask(role, action, resource, context));
  return [
    ...["PutObject", "DeleteObject", "PutObjectAcl", "GetObjectVersion"].map((action) =>
      may(`changes an upload: ${action}`, `s3:${action}`, source, ifNew),
    ),
    may("reads an upload outside the rules", "s3:GetObject", `${uploads}/private/a.jpg`),
    may("lists all uploads", "s3:ListBucket", uploads),
    may("lists uploads outside the rules", "s3:ListBucket", uploads, { "s3:prefix": "private/" }),
    ...["GetObject", "PutObject", "DeleteObject"].map((action) =>
      may(`uses a prefix that no variant has: ${action}`, `s3:${action}`, other, { "s3:if-match": "*" }),
    ),
    may("deletes old versions", "s3:DeleteObjectVersion", `${thumbnails}/thumbnails/a.jpg`),
    may("rewrites the bucket's policy", "s3:PutBucketPolicy", thumbnails),
    may("sends to its queue", "sqs:SendMessage", jobs),
    may("purges its queue", "sqs:PurgeQueue", jobs),
    may("receives dead letters", "sqs:ReceiveMessage", deadLetters),
    may("encrypts other data", "kms:GenerateDataKey", key),
    may("decrypts other data", "kms:Decrypt", key),
    ...["dynamodb", "secretsmanager", "sns"].map((service) =>
      may(`decrypts through another service: ${service}`, "kms:Decrypt", key, {
        "kms:ViaService": `${service}.${region}.amazonaws.com`,
      }),
    ),
    may("decrypts objects in another region", "kms:Decrypt", key, {
      "kms:ViaService": "s3.sa-east-1.amazonaws.com",
    }),
    may("encrypts a message", "kms:GenerateDataKey", key, {
      "kms:ViaService": `sqs.${region}.amazonaws.com`,
    }),
    may("decrypts the environment of another account's function", "kms:Decrypt", key, {
      "kms:EncryptionContext:aws:lambda:FunctionArn": `arn:aws:lambda:${region}:${STRANGER_ACCOUNT}:function:x`,
    }),
    may("encrypts with the key", "kms:Encrypt", key),
    may("grants the key to others", "kms:CreateGrant", key),
    may("deletes the key", "kms:ScheduleKeyDeletion", key),
    may("decrypts under another key", "kms:Decrypt", key.replace("key-id", "another"), {
      "kms:ViaService": `s3.${region}.amazonaws.com`,
    }),
    may("publishes an alarm", "sns:Publish", topic),
    may("writes another log", "logs:PutLogEvents", logs.replace("Subscriber", "Other")),
    may("assumes a role", "sts:AssumeRole", admin.arn),
  ];
}

/** Not even an administrator writes an output without a condition, or anything with another encryption. */
function ofWriters({ role, uploads, uploadsRule, thumbnails, key }: Marks): Call[] {
  const output = `${thumbnails}/thumbnails/a.jpg`;
  const otherKey = key.replace("key-id", "another");
  return [
    ...[role, admin].flatMap((principal) => {
      const who = principal === role ? "the function" : "an administrator";
      return [
        call(`${who} overwrites an output without a condition`, ask(principal, "s3:PutObject", output)),
        call(`${who} deletes an output without a condition`, ask(principal, "s3:DeleteObject", output)),
      ];
    }),
    ...[...(uploadsRule ? [] : [`${uploads}/uploads/a.jpg`]), output].flatMap((object) => {
      const what = object === output ? "an output" : "an upload";
      const put = (how: string, context: Request["context"]) =>
        call(`${what} is put under ${how}`, ask(admin, "s3:PutObject", object, { ...ifNew, ...context }));
      return [
        put("S3's own key", { [encryption]: "AES256" }),
        put("AWS's key", { [encryption]: "aws:kms" }),
        put("another key", { [encryption]: "aws:kms", [`${encryption}-aws-kms-key-id`]: otherKey }),
        put("our key twice (DSSE)", {
          [encryption]: "aws:kms:dsse",
          [`${encryption}-aws-kms-key-id`]: key,
        }),
        put("the caller's key", { [`${encryption}-customer-algorithm`]: "AES256" }),
      ];
    }),
  ];
}

/** Every allowed call fails without TLS, except to a bucket that exists, whose policy is up to its owner. */
function withoutTls({ uploads, uploadsRule }: Marks, calls: Call[]): Call[] {
  return calls
    .flatMap(({ title, requests }) => requests.map((request) => ({ title, request })))
    .filter(({ request: { action, resource } }) => /^(s3|sqs|sns):/.test(action) && resource !== "*")
    .filter(({ request: { resource } }) => !(uploadsRule && resource.split("/")[0] === uploads))
    .map(({ title, request }) =>
      call(`${title}, without TLS (${request.action})`, {
        ...request,
        context: { ...request.context, "aws:SecureTransport": "false" },
      }),
    );
}

function ofStrangers(marks: Marks): Call[] {
  const { role, uploads, thumbnails, key, jobs, deadLetters, topic } = marks;
  const source = `${uploads}/uploads/a.jpg`;
  const output = `${thumbnails}/thumbnails/a.jpg`;
  return [
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
  );
}

function ofS3AndEventBridge({ uploads, key, jobs, region }: Marks): Call[] {
  const s3 = { service: "s3.amazonaws.com" };
  const events = { service: "events.amazonaws.com" };
  return [
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
    call(
      "SNS uses the key for another account",
      ask({ service: "sns.amazonaws.com" }, "kms:GenerateDataKey", key, {
        "aws:SourceArn": `arn:aws:sns:${region}:${STRANGER_ACCOUNT}:theirs`,
      }),
    ),
    call("EventBridge uses the key for another account", ask(events, "kms:Decrypt", key, theirs)),
  ];
}

/** For a bucket that exists, only the one rule may send events, and the function may only read. */
function ofTheirBucket(marks: Marks): Call[] {
  const { role, uploads, uploadsRule, uploadsKey, jobs, deadLetters, region } = marks;
  if (!uploadsRule) return [];
  const s3 = { service: "s3.amazonaws.com" };
  const events = { service: "events.amazonaws.com" };
  const throughS3 = { "kms:ViaService": `s3.${region}.amazonaws.com` };
  return [
    ...[jobs, deadLetters].flatMap((queue) => {
      const what = queue === jobs ? "the queue" : "the dead letters";
      const send = (who: string, principal: Principal, context: Request["context"]) =>
        call(`${who} sends to ${what}`, ask(principal, "sqs:SendMessage", queue, context));
      return [
        send("S3 itself", s3, { ...ours, "aws:SourceArn": uploads }),
        send("another rule", events, { ...ours, "aws:SourceArn": `${uploadsRule}x` }),
        send("another account's rule", events, { ...theirs, "aws:SourceArn": uploadsRule }),
      ];
    }),
    call("the function decrypts with the uploads' key by itself", ask(role, "kms:Decrypt", uploadsKey)),
    call("the function writes under it", ask(role, "kms:GenerateDataKey", uploadsKey, throughS3)),
  ];
}

function ofCloudWatch({ key, alarmKey, topic, logs, region }: Marks): Call[] {
  const cloudwatch = { service: "cloudwatch.amazonaws.com" };
  const alarm = (account: string) => `arn:aws:cloudwatch:${region}:${account}:alarm:x`;
  return [
    call("CloudWatch uses the key for another account", ask(cloudwatch, "kms:Decrypt", key, theirs)),
    call(
      "CloudWatch uses the alarms' key for another account",
      ask(cloudwatch, "kms:Decrypt", alarmKey, theirs),
    ),
    call(
      "CloudWatch Logs uses the key for another account",
      ask({ service: `logs.${region}.amazonaws.com` }, "kms:Decrypt", key, {
        "kms:EncryptionContext:aws:logs:arn": logs.replace(ACCOUNT, STRANGER_ACCOUNT),
      }),
    ),
    call(
      "CloudWatch publishes another account's alarm to the topic",
      ask(cloudwatch, "sns:Publish", topic, { ...theirs, "aws:SourceArn": alarm(STRANGER_ACCOUNT) }),
    ),
    call(
      "CloudWatch publishes another app's alarm to the topic",
      ask(cloudwatch, "sns:Publish", topic, { ...ours, "aws:SourceArn": alarm(ACCOUNT) }),
    ),
  ];
}

/** On a stage without a distribution, that of another application of this account is tried. */
function ofCloudFront({ distribution, uploads, thumbnails, key }: Marks): Call[] {
  const cloudfront = { service: "cloudfront.amazonaws.com" };
  const another = { "aws:SourceArn": `arn:aws:cloudfront::${ACCOUNT}:distribution/ANOTHER` };
  const own = distribution ? { "aws:SourceArn": distribution } : another;
  const output = `${thumbnails}/thumbnails/a.jpg`;
  const reads = (what: string, object: string, context: Request["context"]) =>
    call(`CloudFront reads ${what}`, ask(cloudfront, "s3:GetObject", object, context));
  return [
    reads("a thumbnail for another distribution", output, another),
    reads("a thumbnail without naming a distribution", output, {}),
    reads("a manifest", `${thumbnails}/manifests/uploads/a.jpg.json`, own),
    reads("an upload", `${uploads}/uploads/a.jpg`, own),
    call("CloudFront lists the thumbnails", ask(cloudfront, "s3:ListBucket", thumbnails, own)),
    call("CloudFront writes a thumbnail", ask(cloudfront, "s3:PutObject", output, { ...own, ...ifNew })),
    call("CloudFront deletes a thumbnail", ask(cloudfront, "s3:DeleteObject", output, { ...own, ...ifSame })),
    call("CloudFront encrypts with the key", ask(cloudfront, "kms:GenerateDataKey", key, own)),
    call(
      "CloudFront uses the key for another account",
      ask(cloudfront, "kms:Decrypt", key, {
        "aws:SourceArn": `arn:aws:cloudfront::${STRANGER_ACCOUNT}:distribution/THEIRS`,
      }),
    ),
  ];
}

/** Calls that the example that acts on completion must not make. */
function ofCompletion({ completion, uploads, thumbnails, jobs, key }: Marks): Call[] {
  if (!completion) return [];
  const { queue, role } = completion;
  const events = { service: "events.amazonaws.com" };
  const may = (what: string, action: string, resource: string, context: Request["context"] = {}) =>
    call(`the example ${what}`, ask(role, action, resource, context));
  return [
    may("reads an upload", "s3:GetObject", `${uploads}/uploads/a.jpg`),
    may("reads a thumbnail", "s3:GetObject", `${thumbnails}/thumbnails/a.jpg`),
    may("writes a manifest", "s3:PutObject", `${thumbnails}/manifests/uploads/a.jpg.json`, ifNew),
    may("lists all thumbnails", "s3:ListBucket", thumbnails),
    may("receives events of uploads", "sqs:ReceiveMessage", jobs),
    may("encrypts with the key", "kms:GenerateDataKey", key),
    call(
      "EventBridge sends to the queue of completions for another rule",
      ask(events, "sqs:SendMessage", queue, { ...ours, "aws:SourceArn": `${completion.rule}x` }),
    ),
    call(
      "S3 sends to the queue of completions",
      ask({ service: "s3.amazonaws.com" }, "sqs:SendMessage", queue, { ...ours, "aws:SourceArn": uploads }),
    ),
  ];
}

function nameOf(marks: Marks, resource: string): string {
  const found = Object.entries(marks).filter(
    ([, arn]) => typeof arn === "string" && resource.startsWith(arn),
  );
  return found[0]?.[0] ?? "the role";
}
