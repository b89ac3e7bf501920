import {
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  type LifecycleRule,
} from "@aws-sdk/client-s3";
import { type Config, keysUnder } from "@thumbsmith/shared";
import { counted } from "../terminal/print.ts";
import { type Check, compare } from "./checks.ts";
import { existingBucketChecks } from "./existing-bucket.ts";
import type { Live } from "./live.ts";
import { compareNotifications, expectedNotifications } from "./notifications.ts";
import { lines, linesOf, type Rule, tlsOnly } from "./policy.ts";
import { ruleChecks } from "./rule.ts";

type Name = "uploads" | "thumbnails";

const BLOCKS = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"] as const;

export function bucketChecks(live: Live): Check<Live>[] {
  return [
    ...uploadsChecks(live),
    ...common("thumbnails", live.thumbnailsBucket, live),
    {
      id: "thumbnails.notification",
      expected: "to EventBridge",
      async read({ s3 }) {
        const Bucket = live.thumbnailsBucket;
        const found = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
        return found.EventBridgeConfiguration ? "to EventBridge" : "none";
      },
    },
  ];
}

function uploadsChecks(live: Live): Check<Live>[] {
  const { uploadsBucket: bucket, region, account, deployed } = live;
  const { uploadsRuleName, uploadsKeyArn: keyArn } = deployed;
  if (uploadsRuleName) {
    const where = async () => ({ region, account });
    return [
      ...existingBucketChecks({ ...live, bucket, keyArn, where }),
      ...ruleChecks(live, uploadsRuleName),
    ];
  }
  const notifications = expectedNotifications(live.config);
  return [
    ...common("uploads", bucket, live),
    {
      id: "uploads.notification",
      expected: counted(notifications.length, "notification"),
      read: async ({ s3, queue }) =>
        compareNotifications(s3, bucket, (await queue()).QueueArn ?? "", notifications),
    },
  ];
}

function common(name: Name, Bucket: string, live: Live): Check<Live>[] {
  return [...accessChecks(name, Bucket, live), ...dataChecks(name, Bucket, live)];
}

/** Who may access the bucket. */
function accessChecks(name: Name, Bucket: string, { config, deployed }: Live): Check<Live>[] {
  const readers = name === "thumbnails" ? distribution(Bucket, config, deployed.distributionArn) : [];
  const policy = [...policyOf(name, Bucket, deployed.keyArn), ...readers].flatMap(lines);
  const origins = name === "uploads" ? config.buckets.corsOrigins : [];
  return [
    {
      id: `${name}.public-access`,
      expected: "all blocked",
      async read({ s3 }) {
        const answer = await s3.send(new GetPublicAccessBlockCommand({ Bucket }));
        const { PublicAccessBlockConfiguration: block = {} } = answer;
        const off = BLOCKS.filter((each) => !block[each]);
        return off.length === 0 ? "all blocked" : `off: ${off.join(", ")}`;
      },
    },
    {
      id: `${name}.policy`,
      expected: counted(new Set(policy).size, "statement"),
      async read({ s3 }) {
        const { Policy = "{}" } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
        return compare(policy, linesOf(Policy), "statement");
      },
    },
    {
      id: `${name}.cors`,
      expected: origins.length > 0 ? counted(origins.length, "origin") : "none",
      async read({ s3 }) {
        const { CORSRules = [] } = await s3.send(new GetBucketCorsCommand({ Bucket }));
        return compare(
          origins,
          CORSRules.flatMap(({ AllowedOrigins = [] }) => AllowedOrigins),
          "origin",
        );
      },
    },
  ];
}

/** How the objects are stored. */
function dataChecks(name: Name, Bucket: string, { config, deployed }: Live): Check<Live>[] {
  const lifecycle = lifecycleOf(name, config);
  return [
    {
      id: `${name}.encryption`,
      expected: `aws:kms, ${deployed.keyArn}, bucket key`,
      async read({ s3 }) {
        const answer = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
        const [rule] = answer.ServerSideEncryptionConfiguration?.Rules ?? [];
        const { SSEAlgorithm = "none", KMSMasterKeyID = "no key" } =
          rule?.ApplyServerSideEncryptionByDefault ?? {};
        return [SSEAlgorithm, KMSMasterKeyID, rule?.BucketKeyEnabled ? "bucket key" : "no bucket key"].join(
          ", ",
        );
      },
    },
    {
      id: `${name}.versioning`,
      expected: "Enabled",
      read: async ({ s3 }) => (await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status ?? "none",
    },
    {
      id: `${name}.ownership`,
      expected: "BucketOwnerEnforced",
      async read({ s3 }) {
        const { OwnershipControls } = await s3.send(new GetBucketOwnershipControlsCommand({ Bucket }));
        return OwnershipControls?.Rules?.[0]?.ObjectOwnership ?? "none";
      },
    },
    {
      id: `${name}.lifecycle`,
      expected: counted(lifecycle.length, "rule"),
      async read({ s3 }) {
        const { Rules = [] } = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
        const enabled = Rules.filter(({ Status }) => Status === "Enabled").flatMap(describeRule);
        return compare(lifecycle, enabled, "rule");
      },
    },
  ];
}

/** A put either names no encryption, and gets the bucket's, or names this key. Thumbnails are only written conditionally. */
function policyOf(name: Name, bucket: string, keyArn: string): Rule[] {
  const arn = `arn:aws:s3:::${bucket}`;
  const encryption = "s3:x-amz-server-side-encryption";
  const named = { [`Null ${encryption}`]: "false" };
  const deny = (action: string, when: Rule["when"]): Rule => ({
    ...{ effect: "deny", to: "*", actions: [action], on: [`${arn}/*`], when },
  });
  return [
    tlsOnly("s3:*", [arn, `${arn}/*`]),
    deny("s3:PutObject", { ...named, [`StringNotEquals ${encryption}`]: "aws:kms" }),
    deny("s3:PutObject", { ...named, [`StringNotEquals ${encryption}-aws-kms-key-id`]: keyArn }),
    deny("s3:PutObject", { [`Null ${encryption}-customer-algorithm`]: "false" }),
    ...(name === "thumbnails"
      ? [
          deny("s3:PutObject", { "Null s3:if-match": "true", "Null s3:if-none-match": "true" }),
          deny("s3:DeleteObject", { "Null s3:if-match": "true" }),
        ]
      : []),
  ];
}

/** CloudFront, if it serves the outputs, may read them, but not the manifests. */
function distribution(bucket: string, { rules }: Config, arn?: string): Rule[] {
  const on = rules.flatMap(({ variants }) =>
    variants.map(({ prefix }) => `arn:aws:s3:::${bucket}/${keysUnder(prefix)}`),
  );
  const when = { "StringEquals aws:SourceArn": arn ?? "" };
  return arn
    ? [{ effect: "allow", to: "cloudfront.amazonaws.com", actions: ["s3:GetObject"], on, when }]
    : [];
}

function lifecycleOf(name: Name, { rules, buckets }: Config): string[] {
  const { expireUploadsAfterDays: days, keepOldVersionsDays } = buckets;
  return [
    "unfinished multipart uploads are removed after 7 days",
    `old versions are removed after ${keepOldVersionsDays} days`,
    "orphaned delete markers are removed",
    ...(name === "uploads" && days ? rules.map(({ prefix }) => `${prefix} expires after ${days} days`) : []),
  ];
}

function describeRule(rule: LifecycleRule): string[] {
  const {
    Filter,
    AbortIncompleteMultipartUpload: stale,
    NoncurrentVersionExpiration: old,
    Expiration,
  } = rule;
  return [
    ...(stale ? [`unfinished multipart uploads are removed after ${stale.DaysAfterInitiation} days`] : []),
    ...(old ? [`old versions are removed after ${old.NoncurrentDays} days`] : []),
    ...(Expiration?.ExpiredObjectDeleteMarker ? ["orphaned delete markers are removed"] : []),
    ...(Expiration?.Days ? [`${Filter?.Prefix} expires after ${Expiration.Days} days`] : []),
  ];
}
