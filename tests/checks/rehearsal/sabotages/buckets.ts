import * as s3 from "@aws-sdk/client-s3";
import type { Broken, Sabotage } from "./sabotage.ts";

const bucket = (name: "uploads" | "thumbnails"): Sabotage[] => {
  const of = (live: Broken) => ({ Bucket: live[`${name}Bucket`] });
  return [
    {
      check: `${name}.public-access`,
      how: "public policies are allowed",
      breakIt: (live) =>
        live.s3.send(
          new s3.PutPublicAccessBlockCommand({
            ...of(live),
            PublicAccessBlockConfiguration: {
              BlockPublicAcls: true,
              IgnorePublicAcls: true,
              BlockPublicPolicy: false,
              RestrictPublicBuckets: true,
            },
          }),
        ),
    },
    {
      check: `${name}.public-access`,
      how: "the public access block is deleted",
      breakIt: (live) => live.s3.send(new s3.DeletePublicAccessBlockCommand(of(live))),
    },
    {
      check: `${name}.policy`,
      how: "another account may read",
      async breakIt(live) {
        const { Policy = "" } = await live.s3.send(new s3.GetBucketPolicyCommand(of(live)));
        const policy = JSON.parse(Policy);
        const reader = {
          Effect: "Allow",
          Principal: { AWS: "999999999999" },
          Action: "s3:GetObject",
          Resource: `arn:aws:s3:::${of(live).Bucket}/*`,
        };
        policy.Statement.push(reader);
        await live.s3.send(new s3.PutBucketPolicyCommand({ ...of(live), Policy: JSON.stringify(policy) }));
      },
    },
    {
      check: `${name}.policy`,
      how: "plain HTTP is allowed",
      async breakIt(live) {
        const { Policy = "" } = await live.s3.send(new s3.GetBucketPolicyCommand(of(live)));
        await live.s3.send(
          new s3.PutBucketPolicyCommand({
            ...of(live),
            Policy: Policy.replaceAll("SecureTransport", "MultiFactorAuthPresent"),
          }),
        );
      },
    },
    {
      check: `${name}.policy`,
      how: "the policy is deleted",
      breakIt: (live) => live.s3.send(new s3.DeleteBucketPolicyCommand(of(live))),
    },
    {
      check: `${name}.encryption`,
      how: "S3's own key encrypts",
      breakIt: (live) =>
        live.s3.send(
          new s3.PutBucketEncryptionCommand({
            ...of(live),
            ServerSideEncryptionConfiguration: {
              Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
            },
          }),
        ),
    },
    {
      check: `${name}.encryption`,
      how: "the encryption is removed",
      breakIt: (live) => live.s3.send(new s3.DeleteBucketEncryptionCommand(of(live))),
    },
    {
      check: `${name}.versioning`,
      how: "versioning is suspended",
      breakIt: (live) =>
        live.s3.send(
          new s3.PutBucketVersioningCommand({
            ...of(live),
            VersioningConfiguration: { Status: "Suspended" },
          }),
        ),
    },
    {
      check: `${name}.ownership`,
      how: "uploaders own their objects",
      breakIt: (live) =>
        live.s3.send(
          new s3.PutBucketOwnershipControlsCommand({
            ...of(live),
            OwnershipControls: { Rules: [{ ObjectOwnership: "ObjectWriter" }] },
          }),
        ),
    },
    {
      check: `${name}.lifecycle`,
      how: "the lifecycle is deleted",
      breakIt: (live) => live.s3.send(new s3.DeleteBucketLifecycleCommand(of(live))),
    },
    {
      check: `${name}.cors`,
      how: "every web page may read",
      breakIt: (live) =>
        live.s3.send(
          new s3.PutBucketCorsCommand({
            ...of(live),
            CORSConfiguration: { CORSRules: [{ AllowedOrigins: ["*"], AllowedMethods: ["GET"] }] },
          }),
        ),
    },
  ];
};

const notifications: Sabotage[] = [
  {
    check: "uploads.notification",
    how: "one suffix has no notification",
    async breakIt({ s3: client, uploadsBucket: Bucket }) {
      const { QueueConfigurations = [] } = await client.send(
        new s3.GetBucketNotificationConfigurationCommand({ Bucket }),
      );
      const NotificationConfiguration = { QueueConfigurations: QueueConfigurations.slice(1) };
      await client.send(
        new s3.PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }),
      );
    },
  },
  {
    check: "uploads.notification",
    how: "deletes have no notification",
    async breakIt({ s3: client, uploadsBucket: Bucket }) {
      const { QueueConfigurations = [] } = await client.send(
        new s3.GetBucketNotificationConfigurationCommand({ Bucket }),
      );
      const created = QueueConfigurations.map((each) => ({
        ...each,
        Events: ["s3:ObjectCreated:*" as const],
      }));
      await client.send(
        new s3.PutBucketNotificationConfigurationCommand({
          Bucket,
          NotificationConfiguration: { QueueConfigurations: created },
        }),
      );
    },
  },
  ...(["uploads"] as const).map((name) => ({
    check: `${name}.notification`,
    how: "all notifications are removed",
    breakIt: (live: Broken) =>
      live.s3.send(
        new s3.PutBucketNotificationConfigurationCommand({
          Bucket: live[`${name}Bucket`],
          NotificationConfiguration: {},
        }),
      ),
  })),
];

export const buckets: Sabotage[] = [...bucket("uploads"), ...bucket("thumbnails"), ...notifications];
