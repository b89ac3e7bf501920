// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are texts of source code

/** A text of a source file that enforces something, and what stands there when it does not. */
export interface Mutation {
  file: string;
  from: string;
  to: string;
}

const of = (file: string, ...mutations: (string | [from: string, to: string])[]): Mutation[] =>
  mutations.map((mutation) => {
    const [from, to = ""] = [mutation].flat() as [string, string?];
    return { file, from, to };
  });

export const mutations: Mutation[] = [
  ...of(
    "sst.config.ts",
    'await import("./infra/transforms.ts");',
    'await import("./infra/locks.ts");',
    "protect: stage.retained,",
    ['removal: stage.retained ? "retain" : "remove"', 'removal: "remove"'],
  ),
  ...of("infra/stage.ts", '"production", ', [
    "LOG_RETENTION_DAYS: z._default(number(z.literal(retentions)), 365)",
    "LOG_RETENTION_DAYS: z._default(number(z.literal(retentions)), 1)",
  ]),
  ...of(
    "infra/encryption.ts",
    "enableKeyRotation: true,",
    ["deletionWindowInDays: stage.retained ? 30 : 7", "deletionWindowInDays: 1"],
    "{ retainOnDelete: stage.retained },",
    ["Principal: { AWS: $interpolate`arn:aws:iam::${account}:root` }", 'Principal: "*"'],
    ['{ StringEquals: { "aws:SourceAccount": account } }', "{}"],
    ["Condition: condition,", ""],
    ['service: "s3.amazonaws.com"', 'service: "sns.amazonaws.com"'],
    ['service: "cloudwatch.amazonaws.com"', 'service: "sns.amazonaws.com"'],
    ["`logs.${stage.region}.amazonaws.com`", '"logs.amazonaws.com"'],
    ["${stage.region}:${account}:log-group:*", "${stage.region}:*:log-group:*"],
    ['actions: ["kms:GenerateDataKey", "kms:Decrypt"]', 'actions: ["kms:Decrypt"]'],
  ),
  ...of(
    "infra/transforms.ts",
    "args.cors ??= false;",
    "args.versioning ??= true;",
    "if (args.transform?.publicAccessBlock === false) args.transform.publicAccessBlock = undefined;",
    'args.runtime ??= "nodejs22.x";',
    ["args.forceDestroy = !stage.retained;", "args.forceDestroy = true;"],
    "args.blockPublicAcls = true;",
    "args.blockPublicPolicy = true;",
    "args.ignorePublicAcls = true;",
    "args.restrictPublicBuckets = true;",
    ["aws.sqs.Queue, (args) => {\n  args.kmsMasterKeyId = key.arn;", "aws.sqs.Queue, (args) => {"],
    ["aws.sns.Topic, (args) => {\n  args.kmsMasterKeyId = key.arn;", "aws.sns.Topic, (args) => {"],
    "args.kmsKeyId = key.arn;",
    "args.retentionInDays = stage.logRetentionDays;",
    "args.kmsKeyArn = key.arn;",
    'args.tracingConfig = { mode: "Active" };',
    "if (parent instanceof sst.aws.Function) restrictRole(args, parent);",
    ["resources: [$interpolate`${group.arn}:*`]", 'resources: ["*"]'],
    ["resources: [key.arn]", 'resources: ["*"]'],
    ['!arn.endsWith("/AWSLambdaBasicExecutionRole")', "true"],
    ["if (!$dev) {", "{"],
    'args.assumeRolePolicy = aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" });',
  ),
  ...of(
    "infra/locks.ts",
    'extend(aws.s3.BucketPolicy, "bucket", bucketDenies);',
    'tlsOnly("s3:*", arn, `${arn}/*`),',
    ['tlsOnly("s3:*", arn, `${arn}/*`)', 'tlsOnly("s3:*", `${arn}/*`)'],
    ['tlsOnly("sqs:*", ', 'tlsOnly("sqs:SendMessage", '],
    ['(arn) => [tlsOnly("sns:Publish", arn)]', "() => []"],
    ['{ Bool: { "aws:SecureTransport": "false" } }', '{ Bool: { "aws:SecureTransport": "true" } }'],
    'deny("s3:PutObject", [`${arn}/*`], { ...named, StringNotEquals: { [encryption]: "aws:kms" } }),',
    [
      "StringNotEquals: { [`${encryption}-aws-kms-key-id`]: keyArn }",
      'StringEquals: { [encryption]: "none" }',
    ],
    'deny("s3:PutObject", [`${arn}/*`], { Null: { [`${encryption}-customer-algorithm`]: "false" } }),',
    ["new aws.sqs.QueuePolicy(`${name}Policy`, { queueUrl: resource.url, policy: noStatements });", ""],
    ["new aws.sns.TopicPolicy(`${name}Policy`, { arn: resource.arn, policy: noStatements });", ""],
    ["new aws.s3.BucketPublicAccessBlock(`${name}PublicAccessBlock`, { bucket });", ""],
    ["new aws.s3.BucketPolicy(`${name}Policy`, { bucket, policy: noStatements });", ""],
    [", kmsMasterKeyId: key.arn", ""],
    ['sseAlgorithm: "aws:kms"', 'sseAlgorithm: "AES256"'],
    ["bucketKeyEnabled: true,", ""],
    ['"BucketOwnerEnforced"', '"ObjectWriter"'],
    ["retainOnDelete: true", ""],
    ["  aws.s3.BucketPolicy,\n", ""],
    ["  aws.s3.BucketVersioningV2,\n", ""],
    " || resource instanceof aws.s3.Bucket",
  ),
  ...of(
    "infra/buckets.ts",
    'refuseUnless(["s3:if-match", "s3:if-none-match"], "s3:PutObject"),',
    'refuseUnless(["s3:if-match"], "s3:DeleteObject"),',
    "abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },",
    "noncurrentVersionExpiration: { noncurrentDays: keepOldVersionsDays },",
    ["cors: corsOrigins.length > 0 &&", "cors:"],
  ),
  ...of(
    "infra/queue.ts",
    ["messageRetentionSeconds: 14 * DAY", "messageRetentionSeconds: 2 * DAY"],
    "dlq: { queue: deadLetters.arn, retry: MAX_RECEIVES },",
    ["const MAX_RECEIVES = 5", "const MAX_RECEIVES = 1000"],
    ["`${6 * config.limits.timeout} seconds`", "`${config.limits.timeout} seconds`"],
    'ArnEquals: { "aws:SourceArn": uploads.arn },',
    'StringEquals: { "aws:SourceAccount": account },',
    ['Principal: { Service: "s3.amazonaws.com" }', 'Principal: "*"'],
  ),
  ...of(
    "infra/subscriber.ts",
    [
      '{ actions: ["s3:GetObject"], resources: under(uploads, sources) }',
      '{ actions: ["s3:GetObject"], resources: under(uploads, ["*"]) }',
    ],
    [
      '{ actions: ["s3:GetObject"], resources: under(uploads, sources) }',
      '{ actions: ["s3:*"], resources: under(uploads, sources) }',
    ],
    ["resources: under(thumbnails, outputs) }", 'resources: under(thumbnails, ["*"]) }'],
    "mayLearnOfAbsence(uploads, sources),",
    ["resources: under(thumbnails, removable) }", 'resources: under(thumbnails, ["*"]) }'],
    "mayLearnOfAbsence(thumbnails, removable),",
    'conditions: [{ test: "StringLike", variable: "s3:prefix", values: patterns }],',
    '        { test: "StringEquals", variable: "kms:ViaService", values: [`s3.${stage.region}.amazonaws.com`] },\n',
    ["resources: [queue.arn],\n    },", 'resources: ["*"],\n    },'],
    '"sqs:DeleteMessage",',
    [", partialResponses: true", ""],
    ["transform: { eventSourceMapping: { scalingConfig: { maximumConcurrency: concurrency } } },", ""],
    ['runtime: "nodejs22.x"', 'runtime: "nodejs20.x"'],
    ['nodejs: { install: ["sharp"] },', 'nodejs: { install: ["sharp"] }, url: true,'],
  ),
  ...of("infra/topic.ts", 'StringEquals: { "aws:SourceAccount": account }, ', [
    ', ArnLike: { "aws:SourceArn": sourceArn }',
    "",
  ]),
  ...of(
    "infra/alarms.ts",
    "alarmActions: [topic.arn],",
    "okActions: [topic.arn],",
    ...[
      "Errors",
      "Throttles",
      "Duration",
      "ApproximateAgeOfOldestMessage",
      "ApproximateNumberOfMessagesVisible",
    ].map((metric): [string, string] => [`metricName: "${metric}"`, 'metricName: "Invocations"']),
    ["threshold: 10,", "threshold: 1_000,"],
    ["threshold: 0.8 * config.limits.timeout * 1_000", "threshold: 900_000"],
  ),
];
