import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { formatOfBytes } from "@thumbsmith/functions";
import type { Pipeline } from "@thumbsmith/local";
import { BUCKETS } from "@thumbsmith/local";
import { formatOfName, notificationBody, ruleAround, whyNotRead } from "@thumbsmith/shared";
import * as z from "zod/mini";
import type { State } from "./state.ts";
import type { Refusal, Requests, Upload } from "./view.ts";

/** Seconds for which a presigned URL is valid, and the longest delay of a message in SQS. */
const URL_SECONDS = 300;
const MAX_DELAY_SECONDS = 900;

const key = z.string().check(z.minLength(1), z.maxLength(1_024));

/** What the page may ask for, and the shape of its body. */
export const RequestBodies = {
  "/uploads": z.strictObject({ prefix: key, path: key, type: z.string().check(z.maxLength(100)) }),
  "/deliveries": z.strictObject({
    key,
    copies: z.int().check(z.minimum(1), z.maximum(10)),
    delaySeconds: z.int().check(z.minimum(0), z.maximum(MAX_DELAY_SECONDS)),
  }),
  "/deletions": z.strictObject({ key }),
  "/redrives": z.strictObject({}),
} satisfies { [Path in keyof Requests]: z.ZodMiniType<Requests[Path]> };

/** A request that is refused. The message says why, on the page. */
export class RequestError extends Error {
  override readonly name = "RequestError";
}

/** Answers the page's requests by calls to AWS's own APIs. */
export function createRequests(
  { endpoint, region, credentials, s3, sqs, queueUrls }: Pipeline,
  state: State,
) {
  // A presigned URL is made before the bytes are known, so it cannot include their checksum.
  const presigner = new S3Client({
    endpoint,
    region,
    credentials,
    requestChecksumCalculation: "WHEN_REQUIRED",
  });

  return {
    /**
     * @returns a refusal with the reason, if no rule matches the key: it would get no thumbnail
     * @throws RequestError if no rule has the prefix
     */
    async upload({ prefix, path, type }: Requests["/uploads"]): Promise<Upload | Refusal> {
      const { rules } = state;
      if (!rules.some((rule) => rule.prefix === prefix)) {
        throw new RequestError(`Expected the prefix of a rule, found ${prefix}.`);
      }
      const headers = { "content-type": type || "application/octet-stream" };
      const Key = prefix + path;
      const rule = ruleAround({ rules }, Key);
      const reason = rule && whyNotRead(rule, Key);
      if (reason) return { error: `${path} was not uploaded: ${reason}.` };
      const command = new PutObjectCommand({
        Bucket: BUCKETS.uploads,
        Key,
        ContentType: headers["content-type"],
      });
      const signableHeaders = new Set(Object.keys(headers));
      const url = await getSignedUrl(presigner, command, { expiresIn: URL_SECONDS, signableHeaders });
      return { key: Key, url, headers };
    },

    async deliver({ key, copies, delaySeconds }: Requests["/deliveries"]): Promise<void> {
      const event = { bucket: BUCKETS.uploads, key, event: "ObjectCreated:Put" };
      const MessageBody = state.uploadEvent(key) ?? notificationBody(event);
      for (let copy = 0; copy < copies; copy++) {
        await sqs.send(
          new SendMessageCommand({ QueueUrl: queueUrls.main, MessageBody, DelaySeconds: delaySeconds }),
        );
      }
    },

    async remove({ key: Key }: Requests["/deletions"]): Promise<void> {
      await s3.send(new DeleteObjectCommand({ Bucket: BUCKETS.uploads, Key }));
    },

    /** Deletes a letter only once it is back in the queue, so that none is lost. */
    async redrive(): Promise<void> {
      const from = { QueueUrl: queueUrls.deadLetters };
      for (;;) {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({ ...from, MaxNumberOfMessages: 10 }),
        );
        if (Messages.length === 0) return;
        for (const { Body, ReceiptHandle } of Messages) {
          await sqs.send(new SendMessageCommand({ QueueUrl: queueUrls.main, MessageBody: Body }));
          await sqs.send(new DeleteMessageCommand({ ...from, ReceiptHandle }));
        }
      }
    },

    /**
     * The bytes of an image. They are untrusted, so its name decides their Content-Type, or their first bytes if the name has no
     * known suffix.
     */
    async image(bucket: keyof typeof BUCKETS, Key: string) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKETS[bucket], Key }));
      const named = formatOfName(Key);
      if (named) return Body && { type: `image/${named}`, stream: Body.transformToWebStream() };
      const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
      const format = formatOfBytes(bytes);
      return format && { type: `image/${format}`, stream: new Blob([bytes]).stream() };
    },

    stop: () => presigner.destroy(),
  };
}
