import {
  BucketName,
  type Config,
  eventPattern,
  isRetained,
  MAX_PATTERN_CHARACTERS,
  namedRegion,
  parse,
} from "@thumbsmith/shared";
import * as z from "zod/mini";
import thumbsmith from "../thumbsmith.config.ts";

/** The regions of the standard partition that SST's AWS provider knows. */
const regions = [
  ...["us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "ca-west-1", "sa-east-1"],
  ...["eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2"],
  ...["eu-west-3", "ap-east-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1"],
  ...["ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5"],
  ...["af-south-1", "il-central-1", "me-central-1", "me-south-1"],
] as const;

/** The retentions that CloudWatch Logs accepts, in days. */
const retentions = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const list = (item: z.ZodMiniType<string, string>) =>
  z.pipe(
    z.pipe(
      z._default(z.string(), ""),
      z.transform((text) => text.split(/[\s,]+/).filter(Boolean)),
    ),
    z.array(item),
  );
const number = (schema: z.ZodMiniType<number, number>) =>
  z.pipe(z.pipe(z.string(), z.transform(Number)), schema);

/** What differs between deployments, by environment variable. docs/configuration.md is written from these comments. */
export const Settings = z.object({
  /** SST's own: `--stage`. */
  stage: z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,29}$/i, "up to 30 letters, digits and hyphens")),
  /** The prefix of every resource's name. */
  PROJECT_NAME: z._default(
    z.string().check(z.regex(/^[a-z][a-z0-9-]{0,29}$/, "up to 30 lower-case letters, digits and hyphens")),
    "thumbsmith",
  ),
  /**
   * The region to deploy to: any except those of China, GovCloud and the isolated partitions. `production`, `prod` and `staging`
   * need this, or `AWS_DEFAULT_REGION`. If neither is set, other stages use the region of the AWS profile.
   */
  AWS_REGION: z.optional(z.enum(regions)),
  /** Account ids, separated by commas. A deployment to any other account fails. */
  ALLOWED_ACCOUNT_IDS: list(z.string().check(z.regex(/^\d{12}$/, "an account's twelve digits"))),
  /** The ARN of a policy that limits every role created here: see [deploying](deploying.md#a-permissions-boundary). */
  PERMISSIONS_BOUNDARY: z.optional(
    z
      .string()
      .check(
        z.regex(
          /^arn:aws:iam::(\d{12}|aws):policy\/[\w+=,.@/-]+$/,
          'a policy\'s ARN such as "arn:aws:iam::111122223333:policy/boundary"',
        ),
      ),
  ),
  /** E-mail addresses for the alarms, separated by commas. AWS sends each a link to confirm. */
  ALARM_EMAILS: list(z.string().check(z.regex(/^\S+@\S+\.\S+$/, "an e-mail address"))),
  /**
   * `true` posts alarms to the URL that you store with `sst secret set AlarmWebhook <https://…>`. The service must confirm SNS
   * subscriptions; Slack does not: see [operations](operations.md#who-gets-the-alarms).
   */
  ALARM_WEBHOOK: z._default(z.enum(["true", "false"]), "false"),
  /** How many days to keep logs: one of the values that CloudWatch allows. */
  LOG_RETENTION_DAYS: z._default(number(z.literal(retentions)), 365),
  /** A budget for the whole account. An alarm goes off when the month's bill exceeds 80 % of it, or is forecast to exceed 100 %. */
  MONTHLY_BUDGET_USD: z.optional(number(z.number().check(z.positive()))),
  /**
   * An existing bucket in this account and region, to read instead of a new one. Thumbsmith never changes it. See
   * [your own bucket](existing-bucket.md).
   */
  UPLOADS_BUCKET: z.optional(BucketName),
  /** The ARN of the KMS key that encrypts that bucket's objects, if it is a customer managed key. */
  UPLOADS_KEY_ARN: z.optional(
    z
      .string()
      .check(
        z.regex(
          /^arn:aws:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/,
          'a key\'s ARN such as "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-…"',
        ),
      ),
  ),
  /**
   * The canary uploads a small picture every 15 minutes, and raises an alarm if it gets no thumbnail, for 1 to 3 dollars a month.
   * `true` and `false` turn it on and off. By default it is on for `production`, `prod` and `staging`, unless `UPLOADS_BUCKET` is
   * set. See [operations](operations.md#alarm-canary).
   */
  CANARY: z.optional(z.enum(["true", "false"])),
  /**
   * `true` puts CloudFront in front of the thumbnails. A domain does the same at that domain, which must be in a Route 53 zone of
   * the account. See [serving](serving.md).
   */
  CDN: z._default(
    z
      .string()
      .check(
        z.regex(
          /^(true|false|([a-z0-9-]+\.)+[a-z]{2,})$/,
          '"true", "false", or a domain such as "img.example.com"',
        ),
      ),
    "false",
  ),
});

type Payload = z.core.ParsePayload<z.infer<typeof Settings>>;

const Deployment = Settings.check(checkRegion, checkUploadsKey);

/** A retained stage needs an explicit region: neither a default nor a developer's profile may decide where its data is. */
function checkRegion({ value, issues }: Payload) {
  if (!isRetained(value.stage) || value.AWS_REGION) return;
  const message = `a region for ${value.stage}, whose data is kept: set AWS_REGION or AWS_DEFAULT_REGION`;
  issues.push({ code: "custom", path: ["AWS_REGION"], message, input: undefined, continue: true });
}

function checkUploadsKey({ value, issues }: Payload) {
  const { UPLOADS_KEY_ARN: input, UPLOADS_BUCKET, AWS_REGION } = value;
  const refuse = (message: string) =>
    issues.push({ code: "custom", path: ["UPLOADS_KEY_ARN"], message, input, continue: true });
  if (input && !UPLOADS_BUCKET) refuse("no key without UPLOADS_BUCKET");
  if (input && AWS_REGION && input.split(":")[3] !== AWS_REGION) {
    refuse(`a key in ${AWS_REGION}, where the bucket is`);
  }
}

/** Refuses settings for a bucket that exists, which is never changed, and prefixes that do not fit into its event rule. */
const withUploadsBucket = (bucket: string) =>
  z.custom<Config>().check(({ value: { rules, buckets }, issues }) => {
    const refuse = (path: string[], message: string, input: unknown) =>
      issues.push({ code: "custom", path, message, input, continue: true });
    const { corsOrigins, expireUploadsAfterDays } = buckets;
    if (corsOrigins.length > 0) {
      refuse(["buckets", "corsOrigins"], "none: set them on the bucket yourself", corsOrigins);
    }
    if (expireUploadsAfterDays !== undefined) {
      const message = "none: set a lifecycle on the bucket yourself";
      refuse(["buckets", "expireUploadsAfterDays"], message, expireUploadsAfterDays);
    }
    const { length } = eventPattern(bucket, rules);
    if (length > MAX_PATTERN_CHARACTERS) {
      const message = `prefixes that fit into a rule of EventBridge, of ${MAX_PATTERN_CHARACTERS} characters`;
      refuse(["rules"], message, length);
    }
  });

/**
 * The facts of a stage, from its name and the environment. They are checked before anything is made.
 * @throws ThumbsmithError `invalid-environment` or `invalid-config`, naming each variable or field that is wrong
 */
export function readStage(
  stage: string,
  variables: Record<string, string | undefined> = process.env,
  config = thumbsmith,
) {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ""));
  const settings = parse(
    Deployment,
    { ...given, AWS_REGION: namedRegion(variables), stage },
    "invalid-environment",
    "The deployment's environment",
  );
  const { UPLOADS_BUCKET: bucket, UPLOADS_KEY_ARN: keyArn } = settings;
  if (bucket) {
    parse(withUploadsBucket(bucket), config, "invalid-config", "thumbsmith.config.ts, with UPLOADS_BUCKET,");
  }
  return {
    name: stage,
    app: settings.PROJECT_NAME,
    /** The prefix of names that must be unique in the account. */
    prefix: `${settings.PROJECT_NAME}-${stage}`,
    /** Undefined until SST has looked it up in the profile: `sst.config.ts` then puts it into AWS_REGION. */
    region: settings.AWS_REGION,
    retained: isRetained(stage),
    /** The bucket that exists, and its key. Undefined if a bucket is made. */
    uploads: bucket ? { bucket, keyArn } : undefined,
    allowedAccountIds: settings.ALLOWED_ACCOUNT_IDS,
    permissionsBoundary: settings.PERMISSIONS_BOUNDARY,
    alarmEmails: settings.ALARM_EMAILS,
    alarmWebhook: settings.ALARM_WEBHOOK === "true",
    logRetentionDays: settings.LOG_RETENTION_DAYS,
    monthlyBudget: settings.MONTHLY_BUDGET_USD,
    // A canary would write to a bucket that is otherwise only read, so it has to be asked for.
    canary: settings.CANARY === undefined ? isRetained(stage) && !bucket : settings.CANARY === "true",
    /** Whether thumbnails are served by CloudFront, and at which domain if it is not CloudFront's own. */
    cdn:
      settings.CDN === "false" ? undefined : { domain: settings.CDN === "true" ? undefined : settings.CDN },
  };
}
