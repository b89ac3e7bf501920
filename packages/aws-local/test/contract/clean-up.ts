import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { DeleteQueueCommand, type SQSClient } from "@aws-sdk/client-sqs";

/** Deletes a bucket with everything in it. */
export async function deleteBucket(client: S3Client, Bucket: string): Promise<void> {
  for (;;) {
    const page = await client.send(new ListObjectVersionsCommand({ Bucket, EncodingType: "url" }));
    const Objects = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map(
      ({ Key = "", VersionId }) => ({
        Key: decodeURIComponent(Key.replaceAll("+", " ")),
        VersionId,
      }),
    );
    if (Objects.length === 0) break;
    await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  }
  await client.send(new DeleteBucketCommand({ Bucket }));
}

export async function deleteQueue(client: SQSClient, QueueUrl: string): Promise<void> {
  await client.send(new DeleteQueueCommand({ QueueUrl }));
}
