import { account, key } from "../encryption.ts";
import { readStage } from "../stage.ts";

// Extends every policy of a bucket, queue or topic, also of those added later: it refuses plain HTTP, and allows only
// principals that it names.

type Policy = $util.Input<string | aws.iam.PolicyDocument>;
interface Statement {
  Effect: "Allow" | "Deny";
  Principal: string | Record<string, string | string[]>;
  Action: string | string[];
  Resource: string | string[];
  Condition?: aws.iam.Conditions;
}

const stage = readStage($app.stage);

/** The targets that have a policy: as outputs, and by their names once these are known. */
const policed = new Set<unknown>();

/** @param target the name of a bucket, the URL of a queue or the ARN of a topic: the output, or its value */
export const hasPolicy = (target: unknown) => policed.has(target);

extend(aws.s3.BucketPolicy, "bucket", bucketDenies);
extend(aws.sqs.QueuePolicy, "queueUrl", (url) => [tlsOnly("sqs:*", queueArn(url))]);
extend(aws.sns.TopicPolicy, "arn", (arn) => [tlsOnly("sns:Publish", arn)]);

/** Narrows what policies of a kind allow, and adds what they deny. */
function extend<Target extends string, Args extends Record<Target, $util.Input<string>> & { policy: Policy }>(
  kind: new (name: string, args: Args) => $util.Resource,
  of: Target,
  deniesOn: (target: string, keyArn: string) => Statement[],
) {
  $transform(kind, (args, _opts, name) => {
    policed.add(args[of]);
    const target = $output<string>(args[of]).apply((value) => {
      policed.add(value);
      return value;
    });
    const parts = $resolve({ policy: args.policy, target, account, keyArn: key.arn });
    args.policy = parts.apply(({ policy, target, account, keyArn }) => {
      const document = typeof policy === "string" ? JSON.parse(policy) : policy;
      const given: Statement[] = [document.Statement ?? []].flat();
      const narrowed = given.flatMap((statement) => narrow(statement, account, name));
      return JSON.stringify({ ...document, Statement: [...narrowed, ...deniesOn(target, keyArn)] });
    });
  });
}

/**
 * SST's policies allow services on behalf of any account: anyone with a topic could send to your queue. This limits them to
 * this account.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
 */
function narrow(statement: Statement, account: string, name: string): Statement[] {
  const { Effect, Principal, Condition = {} } = statement;
  if (Effect !== "Allow") return [statement];
  const { Service = [], ...named } = typeof Principal === "string" ? { AWS: Principal } : Principal;
  if ([named.AWS].flat().includes("*") && !statement.Condition) {
    throw new Error(`Expected ${name} to name who is allowed, found "*", which is everyone.`);
  }
  const said = JSON.stringify(Condition);
  if (/aws:Source(Account|Org)/i.test(said) || said.includes(account)) return [statement];
  const services = [Service].flat().map((service) => ({
    ...statement,
    Principal: { Service: service },
    Condition: { ...Condition, ...callsFor(account, service, name) },
  }));
  return Object.keys(named).length > 0 ? [{ ...statement, Principal: named }, ...services] : services;
}

/** The condition by which a service tells on behalf of which account it calls. */
function callsFor(account: string, service: string, name: string): aws.iam.Conditions {
  switch (service) {
    case "s3.amazonaws.com":
      return { StringEquals: { "aws:SourceAccount": account } };
    case "sns.amazonaws.com":
      return { ArnLike: { "aws:SourceArn": `arn:aws:sns:*:${account}:*` } };
    case "events.amazonaws.com":
      return { ArnLike: { "aws:SourceArn": `arn:aws:events:*:${account}:rule/*` } };
    case "cloudfront.amazonaws.com":
      return { ArnLike: { "aws:SourceArn": `arn:aws:cloudfront::${account}:distribution/*` } };
    default:
      throw new Error(
        `Expected ${name} to limit ${service} to an account, found no limit. Add a condition on aws:SourceAccount to the statement.`,
      );
  }
}

/**
 * A put without an encryption gets the bucket's. A put with one must name this key: to S3, "aws:kms" without a key means
 * AWS's key. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
 */
function bucketDenies(bucket: string, keyArn: string): Statement[] {
  const arn = `arn:aws:s3:::${bucket}`;
  const encryption = "s3:x-amz-server-side-encryption";
  const named = { Null: { [encryption]: "false" } };
  return [
    tlsOnly("s3:*", arn, `${arn}/*`),
    deny("s3:PutObject", [`${arn}/*`], { ...named, StringNotEquals: { [encryption]: "aws:kms" } }),
    deny("s3:PutObject", [`${arn}/*`], {
      ...named,
      StringNotEquals: { [`${encryption}-aws-kms-key-id`]: keyArn },
    }),
    deny("s3:PutObject", [`${arn}/*`], { Null: { [`${encryption}-customer-algorithm`]: "false" } }),
  ];
}

function queueArn(url: string) {
  return `arn:aws:sqs:${stage.region}:${url.split("/").slice(-2).join(":")}`;
}

function tlsOnly(action: string, ...resources: string[]): Statement {
  return deny(action, resources, { Bool: { "aws:SecureTransport": "false" } });
}

function deny(Action: string, Resource: string[], Condition: aws.iam.Conditions): Statement {
  return { Effect: "Deny", Principal: "*", Action, Resource, Condition };
}
