import {
  BucketAlreadyOwnedByYou,
  CreateBucketCommand,
  DeleteBucketCorsCommand,
  PutBucketCorsCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import {
  type Config,
  filterPrefix,
  NOTIFIED_EVENTS,
  notificationFilters,
  UPLOADS_CORS,
} from "@thumbsmith/shared";

/** Names of the buckets, and of their folders. */
export const BUCKETS = { uploads: "uploads-bucket", thumbnails: "thumbnails-bucket" } as const;

export async function createBuckets(s3: S3Client): Promise<void> {
  for (const Bucket of Object.values(BUCKETS)) {
    await s3.send(new CreateBucketCommand({ Bucket })).catch((error: unknown) => {
      if (!(error instanceof BucketAlreadyOwnedByYou)) throw error;
    });
    const VersioningConfiguration = { Status: "Enabled" } as const;
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  }
}

/** Makes the uploads bucket send events to the queue for the objects that the rules read. */
export async function notifyQueue(s3: S3Client, queueArn: string, { rules }: Config): Promise<void> {
  const QueueConfigurations = notificationFilters(rules).map(({ prefix, suffix }) => ({
    QueueArn: queueArn,
    Events: [...NOTIFIED_EVENTS],
    Filter: {
      Key: {
        FilterRules: [
          { Name: "prefix" as const, Value: filterPrefix(prefix) },
          ...(suffix ? [{ Name: "suffix" as const, Value: suffix }] : []),
        ],
      },
    },
  }));
  await s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: BUCKETS.uploads,
      NotificationConfiguration: { QueueConfigurations },
    }),
  );
}

/** Lets browsers upload from pages of these origins only. */
export async function allowOrigins(s3: S3Client, origins: readonly string[]): Promise<void> {
  const Bucket = BUCKETS.uploads;
  if (origins.length === 0) {
    await s3.send(new DeleteBucketCorsCommand({ Bucket }));
    return;
  }
  const rule = {
    AllowedOrigins: [...origins],
    AllowedMethods: [...UPLOADS_CORS.methods],
    AllowedHeaders: [...UPLOADS_CORS.headers],
    ExposeHeaders: [...UPLOADS_CORS.exposedHeaders],
    MaxAgeSeconds: UPLOADS_CORS.maxAgeSeconds,
  };
  await s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: [rule] } }));
}
