import { S3Error } from "../errors.ts";
import { receiveText } from "./body.ts";
import type { Bucket } from "./bucket.ts";
import { describeCors, parseCors } from "./cors.ts";
import { describeConfiguration, parseConfiguration, testMessage } from "./notifications.ts";
import { type S3Request, type S3Response, xmlResponse } from "./request.ts";
import type { Storage } from "./storage.ts";
import { parseXml } from "./xml.ts";

/** Sends a message to the queue with this ARN. Returns false if there is none. */
export type SendMessage = (queueArn: string, body: string) => boolean;

const DEFAULT_REGION = "us-east-1";

export function listBuckets(storage: Storage): S3Response {
  const buckets = [...storage.buckets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return xmlResponse("ListAllMyBucketsResult", {
    Buckets: {
      Bucket: buckets.map(({ name, settings }) => ({ Name: name, CreationDate: settings.created })),
    },
  });
}

export async function createBucket(
  storage: Storage,
  request: S3Request,
  region: string,
): Promise<S3Response> {
  const name = request.bucket;
  if (!/^(?=.{3,63}$)[a-z0-9](?:[a-z0-9-]|\.(?!\.))*[a-z0-9]$/.test(name) || /^[\d.]+$/.test(name)) {
    throw new S3Error("InvalidBucketName", undefined, { details: { BucketName: name } });
  }
  const text =
    request.headers["content-length"] === "0" || !hasBody(request) ? "" : await receiveText(request);
  const asked = text && parseXml(text, "CreateBucketConfiguration").text("LocationConstraint");
  if ((asked || DEFAULT_REGION) !== region) throw new S3Error("IllegalLocationConstraintException");
  const created = await storage.create(name);
  // As in S3: only us-east-1 lets an owner create a bucket again.
  if (!created && region !== DEFAULT_REGION) throw new S3Error("BucketAlreadyOwnedByYou");
  return { status: 200, headers: { location: `/${name}` } };
}

export async function deleteBucket(storage: Storage, request: S3Request): Promise<S3Response> {
  await storage.remove(request.bucket);
  return { status: 204 };
}

export function getBucketLocation(region: string): S3Response {
  return xmlResponse("LocationConstraint", region === DEFAULT_REGION ? "" : region);
}

export function getBucketVersioning(bucket: Bucket): S3Response {
  return xmlResponse("VersioningConfiguration", { Status: bucket.settings.versioning });
}

export async function putBucketVersioning(bucket: Bucket, request: S3Request): Promise<S3Response> {
  const document = parseXml(await receiveText(request), "VersioningConfiguration");
  const status = document.text("Status");
  if (status !== "Enabled" && status !== "Suspended") throw new S3Error("MalformedXML");
  if (document.text("MfaDelete") === "Enabled") {
    throw new S3Error("NotImplemented", "This local server does not implement MFA Delete.");
  }
  await bucket.configure({ versioning: status });
  return { status: 200 };
}

export function getBucketCors(bucket: Bucket): S3Response {
  return xmlResponse("CORSConfiguration", describeCors(bucket.settings.cors));
}

export async function putBucketCors(bucket: Bucket, request: S3Request): Promise<S3Response> {
  await bucket.configure({ cors: parseCors(await receiveText(request)) });
  return { status: 200 };
}

export async function deleteBucketCors(bucket: Bucket): Promise<S3Response> {
  await bucket.configure({ cors: undefined });
  return { status: 204 };
}

export function getBucketNotification(bucket: Bucket): S3Response {
  return xmlResponse("NotificationConfiguration", describeConfiguration(bucket.settings.notifications));
}

export async function putBucketNotification(
  bucket: Bucket,
  request: S3Request,
  send: SendMessage,
): Promise<S3Response> {
  const notifications = parseConfiguration(await receiveText(request));
  for (const { queueArn } of notifications) {
    if (send(queueArn, testMessage(bucket.name))) continue;
    throw new S3Error("InvalidArgument", "Unable to validate the following destination configurations", {
      details: { ArgumentName: queueArn, ArgumentValue: "The destination queue does not exist" },
    });
  }
  await bucket.configure({ notifications });
  return { status: 200 };
}

function hasBody({ headers }: S3Request): boolean {
  return headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
}
