import * as z from "zod/mini";
import { ThumbsmithError } from "./errors.ts";
import { parse } from "./validation.ts";

/** A key to reconcile. What the event says of the object may be outdated: only the bucket decides what is made. */
export interface Job {
  bucket: string;
  key: string;
  /** S3's name, `ObjectCreated:Put`, or EventBridge's, `Object Created`. `Reconcile`, if it is not an event of S3. */
  event: string;
  etag?: string;
  size?: number;
  sequencer?: string;
}

/** The contents of a message: its jobs, and an error for each record whose key cannot be decoded. */
export interface Notification {
  jobs: Job[];
  rejections: ThumbsmithError[];
}

const Bucket = z.object({ name: z.string().check(z.minLength(1)) });
/** The fields that have the same names in an S3 notification and in an EventBridge event. */
const Named = z.object({
  key: z.string().check(z.minLength(1)),
  size: z.optional(z.number()),
  sequencer: z.optional(z.string()),
});

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
// "You must check the major version"; a new minor version may only add fields. Powertools' schemas do not check it, and
// demand what nothing here reads, such as an IPv4 address of the uploader: an upload by IPv6 would become a dead letter.
const EventRecord = z.object({
  eventVersion: z.string().check(z.regex(/^2\.\d+$/, 'an event version "2.x"')),
  eventName: z.string(),
  s3: z.object({
    bucket: Bucket,
    object: z.extend(Named, { eTag: z.optional(z.string()) }),
  }),
});
type EventRecord = z.infer<typeof EventRecord>;

const TestEvent = z.object({ Event: z.literal("s3:TestEvent") });
const EventBody = z.object({ Records: z.array(EventRecord) });

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
// Any service or application can put events on a bus, but only S3 can use the source "aws.s3".
const BridgeEvent = z.object({
  source: z.literal("aws.s3"),
  "detail-type": z.string(),
  detail: z.object({
    bucket: Bucket,
    object: z.extend(Named, { etag: z.optional(z.string()) }),
  }),
});
type BridgeEvent = z.infer<typeof BridgeEvent>;
const FromBridge = z.object({ "detail-type": z.unknown(), detail: z.unknown() });

/**
 * Reads the body of an SQS message that S3 sent, directly or through EventBridge.
 * @throws ThumbsmithError `invalid-message` if the body is neither an S3 event notification of major version 2 nor an
 * EventBridge event of S3
 */
export function parseNotification(body: string): Notification {
  const json = parseJson(body);
  if (z.safeParse(TestEvent, json).success) return { jobs: [], rejections: [] };
  if (z.safeParse(FromBridge, json).success) {
    const event = parse(BridgeEvent, json, "invalid-message", "The message, as an EventBridge event of S3,");
    return { jobs: [jobOfBridge(event)], rejections: [] };
  }
  const { Records } = parse(EventBody, json, "invalid-message", "The message, as an S3 event notification,");
  const notification: Notification = { jobs: [], rejections: [] };
  for (const record of Records) {
    try {
      notification.jobs.push(jobOf(record));
    } catch (error) {
      if (!(error instanceof ThumbsmithError)) throw error;
      notification.rejections.push(error);
    }
  }
  return notification;
}

/**
 * The body of a message that makes the function reconcile a key, in the shape of S3's notifications. Unless it repeats an
 * event of S3, its event is "Reconcile", which logs and the studio show.
 */
export function notificationBody({
  bucket,
  key,
  event = "Reconcile",
}: Pick<Job, "bucket" | "key"> & { event?: string }): string {
  const record: EventRecord = {
    eventVersion: "2.1",
    eventName: event,
    s3: { bucket: { name: bucket }, object: { key: encodeURIComponent(key).replaceAll("%20", "+") } },
  };
  return JSON.stringify({ Records: [record] });
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new ThumbsmithError("invalid-message", "The message is not JSON.", { cause });
  }
}

function jobOf({ eventName, s3: { bucket, object } }: EventRecord): Job {
  return {
    bucket: bucket.name,
    key: decodeKey(object.key),
    event: eventName,
    etag: object.eTag,
    size: object.size,
    sequencer: object.sequencer,
  };
}

/** EventBridge does not encode keys, unlike S3's notifications: a plus is a plus. */
function jobOfBridge({ "detail-type": event, detail: { bucket, object } }: BridgeEvent): Job {
  return {
    bucket: bucket.name,
    key: object.key,
    event,
    etag: object.etag,
    size: object.size,
    sequencer: object.sequencer,
  };
}

/**
 * Decodes a key as S3's notifications encode it, like the fields of an HTML form: a space is `+`, other special
 * characters are `%XX`.
 * @throws ThumbsmithError `invalid-key`
 */
export function decodeKey(encoded: string): string {
  try {
    return decodeURIComponent(encoded.replaceAll("+", " "));
  } catch (cause) {
    throw new ThumbsmithError(
      "invalid-key",
      `Expected a form-encoded object key, found a malformed escape in ${encoded}.`,
      { cause },
    );
  }
}
