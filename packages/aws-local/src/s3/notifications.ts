import { randomBytes, randomUUID } from "node:crypto";
import { S3Error } from "../errors.ts";
import { formEncode } from "./encoding.ts";
import { type Change, isObject } from "./version.ts";
import { parseXml, type XmlElement, type XmlValue } from "./xml.ts";

/** One notification of a bucket: which events of which keys go to which queue. */
export interface QueueConfiguration {
  id: string;
  queueArn: string;
  events: string[];
  prefix?: string | undefined;
  suffix?: string | undefined;
}

const EVENTS = [
  "s3:ObjectCreated:*",
  "s3:ObjectCreated:Put",
  "s3:ObjectCreated:Post",
  "s3:ObjectCreated:Copy",
  "s3:ObjectCreated:CompleteMultipartUpload",
  "s3:ObjectRemoved:*",
  "s3:ObjectRemoved:Delete",
  "s3:ObjectRemoved:DeleteMarkerCreated",
  // Accepted, but never sent: no object expires or is archived here.
  "s3:LifecycleExpiration:*",
  "s3:LifecycleExpiration:Delete",
  "s3:LifecycleExpiration:DeleteMarkerCreated",
  "s3:ObjectRestore:*",
  "s3:ObjectRestore:Post",
  "s3:ObjectRestore:Completed",
  "s3:ObjectRestore:Delete",
];
const OTHER_TARGETS = ["TopicConfiguration", "CloudFunctionConfiguration", "EventBridgeConfiguration"];

/** Reads and checks the body of PutBucketNotificationConfiguration. */
export function parseConfiguration(xml: string): QueueConfiguration[] {
  const document = parseXml(xml, "NotificationConfiguration");
  for (const target of OTHER_TARGETS) {
    if (document.children(target).length > 0) {
      throw new S3Error(
        "NotImplemented",
        `This local server sends notifications to queues only, not to ${target}.`,
      );
    }
  }
  const configurations = document.children("QueueConfiguration").map(parseQueueConfiguration);
  const overlap = configurations.some((a, index) =>
    configurations.slice(index + 1).some((b) => overlaps(a, b)),
  );
  if (!overlap) return configurations;
  throw new S3Error(
    "InvalidArgument",
    "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are " +
      "overlapping for the same event type.",
  );
}

/** The answer of GetBucketNotificationConfiguration. */
export function describeConfiguration(configurations: QueueConfiguration[]): XmlValue {
  const rule = (Name: string, Value: string | undefined) => (Value === undefined ? [] : [{ Name, Value }]);
  return {
    QueueConfiguration: configurations.map(({ id, queueArn, events, prefix, suffix }) => {
      const rules = [...rule("Prefix", prefix), ...rule("Suffix", suffix)];
      const filter = rules.length > 0 ? { S3Key: { FilterRule: rules } } : undefined;
      return { Id: id, Queue: queueArn, Event: events, Filter: filter };
    }),
  };
}

/** Whether this event of this key is sent. */
export function wants({ events, prefix, suffix }: QueueConfiguration, event: string, key: string): boolean {
  return (
    events.some((pattern) => covers(pattern, `s3:${event}`)) &&
    key.startsWith(filterText(prefix)) &&
    key.endsWith(filterText(suffix))
  );
}

/** The message that S3 sends for a change, in version 2.1 of its format. */
export function eventMessage(
  { event, key, version }: Change,
  bucket: string,
  { region, accountId, sequencer, id }: { region: string; accountId: string; sequencer: string; id: string },
): string {
  const created = event.startsWith("ObjectCreated:") && isObject(version) ? version : undefined;
  const object = {
    key: formEncode(key),
    size: created?.size,
    eTag: version?.deleteMarker ? EMPTY_ETAG : created?.etag,
    versionId: version && version.versionId !== "null" ? version.versionId : undefined,
    sequencer,
  };
  const record = {
    eventVersion: "2.1",
    eventSource: "aws:s3",
    awsRegion: region,
    eventTime: new Date().toISOString(),
    eventName: event,
    userIdentity: { principalId: `AWS:${accountId}` },
    requestParameters: { sourceIPAddress: "127.0.0.1" },
    responseElements: { "x-amz-request-id": requestId(), "x-amz-id-2": randomBytes(48).toString("base64") },
    s3: {
      s3SchemaVersion: "1.0",
      configurationId: id,
      bucket: { name: bucket, ownerIdentity: { principalId: accountId }, arn: `arn:aws:s3:::${bucket}` },
      object,
    },
  };
  return JSON.stringify({ Records: [record] });
}

/** The message that S3 sends to a queue when a configuration is set. */
export function testMessage(bucket: string): string {
  return JSON.stringify({
    Service: "Amazon S3",
    Event: "s3:TestEvent",
    Time: new Date().toISOString(),
    Bucket: bucket,
    RequestId: requestId(),
    HostId: randomBytes(48).toString("base64"),
  });
}

/** An id in the form of S3's x-amz-request-id. */
export function requestId(): string {
  return randomBytes(8).toString("hex").toUpperCase();
}

const EMPTY_ETAG = "d41d8cd98f00b204e9800998ecf8427e";

function parseQueueConfiguration(element: XmlElement): QueueConfiguration {
  const events = element.texts("Event");
  const unknown = events.find((event) => !EVENTS.includes(event));
  if (unknown !== undefined || events.length === 0) {
    throw new S3Error("InvalidArgument", "A specified event is not supported for notifications.");
  }
  const filter = { prefix: undefined, suffix: undefined } as Pick<QueueConfiguration, "prefix" | "suffix">;
  for (const rule of element
    .children("Filter")
    .flatMap((f) => f.children("S3Key"))
    .flatMap((k) => k.children("FilterRule"))) {
    const name = rule.required("Name").toLowerCase();
    if ((name !== "prefix" && name !== "suffix") || filter[name] !== undefined) {
      throw new S3Error(
        "InvalidArgument",
        "filter rule name must be either prefix or suffix, and each only once",
      );
    }
    filter[name] = rule.required("Value");
  }
  return { id: element.text("Id") || randomUUID(), queueArn: element.required("Queue"), events, ...filter };
}

function overlaps(a: QueueConfiguration, b: QueueConfiguration): boolean {
  const [prefixA, prefixB] = [filterText(a.prefix), filterText(b.prefix)];
  const [suffixA, suffixB] = [filterText(a.suffix), filterText(b.suffix)];
  return (
    a.events.some((one) => b.events.some((other) => covers(one, other) || covers(other, one))) &&
    (prefixA.startsWith(prefixB) || prefixB.startsWith(prefixA)) &&
    (suffixA.endsWith(suffixB) || suffixB.endsWith(suffixA))
  );
}

function covers(pattern: string, event: string): boolean {
  return pattern.endsWith("*") ? event.startsWith(pattern.slice(0, -1)) : event === pattern;
}

// The special characters in S3's filters are form-encoded, like keys in its events.
function filterText(value = ""): string {
  try {
    return decodeURIComponent(value.replaceAll("+", " "));
  } catch {
    return value;
  }
}
