import { S3Error } from "../errors.ts";
import * as buckets from "./buckets.ts";
import { listObjects, listObjectVersions } from "./listing.ts";
import * as multipart from "./multipart.ts";
import { eventMessage, wants } from "./notifications.ts";
import * as objects from "./objects.ts";
import { getObject, headObject } from "./reading.ts";
import { header, type S3Request, type S3Response, type UnsignedRequest } from "./request.ts";
import { Storage } from "./storage.ts";

export interface S3Options {
  directory: string;
  region: string;
  accountId: string;
  send: buckets.SendMessage;
}

export interface S3 extends S3Options {
  storage: Storage;
}

type Handler = (s3: S3, request: S3Request) => S3Response | Promise<S3Response>;

const MAX_KEY_BYTES = 1024;

const OPERATIONS: Record<string, Handler> = {
  "GET service": ({ storage }) => buckets.listBuckets(storage),
  "PUT bucket": ({ storage, region }, request) => buckets.createBucket(storage, request, region),
  "DELETE bucket": ({ storage }, request) => buckets.deleteBucket(storage, request),
  "HEAD bucket": (s3, request) => {
    bucketOf(s3, request);
    return { status: 200 };
  },
  "GET bucket": (s3, request) => listObjects(bucketOf(s3, request), request),
  "GET bucket?versions": (s3, request) => listObjectVersions(bucketOf(s3, request), request),
  "POST bucket?delete": (s3, request) => objects.deleteObjects(bucketOf(s3, request), request),
  "GET bucket?location": (s3, request) => {
    bucketOf(s3, request);
    return buckets.getBucketLocation(s3.region);
  },
  "GET bucket?versioning": (s3, request) => buckets.getBucketVersioning(bucketOf(s3, request)),
  "PUT bucket?versioning": (s3, request) => buckets.putBucketVersioning(bucketOf(s3, request), request),
  "GET bucket?cors": (s3, request) => buckets.getBucketCors(bucketOf(s3, request)),
  "PUT bucket?cors": (s3, request) => buckets.putBucketCors(bucketOf(s3, request), request),
  "DELETE bucket?cors": (s3, request) => buckets.deleteBucketCors(bucketOf(s3, request)),
  "GET bucket?notification": (s3, request) => buckets.getBucketNotification(bucketOf(s3, request)),
  "PUT bucket?notification": (s3, request) =>
    buckets.putBucketNotification(bucketOf(s3, request), request, s3.send),
  "PUT object": (s3, request) => objects.putObject(bucketOf(s3, request), request),
  "PUT object?x-amz-copy-source": (s3, request) =>
    objects.copyObject(bucketOf(s3, request), request, (name) => s3.storage.bucket(name)),
  "GET object": (s3, request) => getObject(bucketOf(s3, request), request),
  "HEAD object": (s3, request) => headObject(bucketOf(s3, request), request),
  "DELETE object": (s3, request) => objects.deleteObject(bucketOf(s3, request), request),
  "POST object?uploads": (s3, request) => multipart.createMultipartUpload(bucketOf(s3, request), request),
  "PUT object?partNumber&uploadId": (s3, request) => multipart.uploadPart(bucketOf(s3, request), request),
  "PUT object?partNumber&uploadId&x-amz-copy-source": (s3, request) =>
    multipart.uploadPartCopy(bucketOf(s3, request), request, (name) => s3.storage.bucket(name)),
  "GET object?uploadId": (s3, request) => multipart.listParts(bucketOf(s3, request), request),
  "GET bucket?uploads": (s3, request) => multipart.listMultipartUploads(bucketOf(s3, request), request),
  "GET object?tagging": (s3, request) => objects.getObjectTagging(bucketOf(s3, request), request),
  "POST object?uploadId": (s3, request) => multipart.completeMultipartUpload(bucketOf(s3, request), request),
  "DELETE object?uploadId": (s3, request) => multipart.abortMultipartUpload(bucketOf(s3, request), request),
};

/** Query parameters that select another operation. Most are listed only so that they are refused by name. */
const SUBRESOURCES = new Set(
  `abac accelerate acl analytics append attributes cors delete encryption intelligent-tiering inventory
   legal-hold lifecycle location logging metadataConfiguration metadataTable metrics notification object-lock
   ownershipControls partNumber policy policyStatus publicAccessBlock renameObject replication requestPayment
   restore retention select session tagging torrent uploadId uploads versioning versions website`.split(
    /\s+/,
  ),
);

/** Headers that are refused, because ignoring what they ask for would lose something. */
const UNSUPPORTED_HEADERS =
  /^x-amz-(?:grant-.+|server-side-encryption-(?:customer-.+|context)|object-lock-.+|website-redirect-location|write-offset-.+|if-match-.+|copy-source-server-side-.+|bypass-.+|mfa)$/;
const ENCRYPTIONS = ["AES256", "aws:kms", "aws:kms:dsse"];
/** The access lists that S3 accepts if the bucket's owner owns every object: those that grant no one else access. */
const OWNERS_ACLS = ["private", "bucket-owner-full-control"];

/** Opens the S3 of a folder. Each change of an object is sent to the queues of its bucket's notifications. */
export async function openS3(options: S3Options): Promise<S3> {
  const storage = await Storage.open(options.directory, (bucket, change, sequencer) => {
    for (const configuration of bucket.settings.notifications) {
      if (!wants(configuration, change.event, change.key)) continue;
      const message = eventMessage(change, bucket.name, { ...options, sequencer, id: configuration.id });
      options.send(configuration.queueArn, message);
    }
  });
  return { ...options, storage };
}

/** Answers one request. Its operation follows from its method, path and query. */
export async function handleS3(s3: S3, request: S3Request): Promise<S3Response> {
  const route = routeOf(request);
  const handler = Object.hasOwn(OPERATIONS, route) ? OPERATIONS[route] : undefined;
  if (!handler) {
    const operation = request.query.get("x-id") ?? route;
    throw new S3Error("NotImplemented", `This local server does not implement ${operation}.`);
  }
  checkRequest(s3, request);
  return handler(s3, request);
}

/** The name of the request's operation: its method, whether its path is a bucket or an object, and its subresources. */
export function routeOf({ method, bucket, key, query, headers }: UnsignedRequest): string {
  const level = bucket === "" ? "service" : key === "" ? "bucket" : "object";
  const subresources = [...new Set(query.keys())].filter((name) => SUBRESOURCES.has(name));
  if (headers["x-amz-copy-source"] !== undefined) subresources.push("x-amz-copy-source");
  return `${method} ${level}${subresources.length > 0 ? `?${subresources.sort().join("&")}` : ""}`;
}

/** Refuses headers that this server would otherwise ignore. */
export function checkRequest({ accountId }: S3, request: S3Request): void {
  if (Buffer.byteLength(request.key) > MAX_KEY_BYTES) throw new S3Error("KeyTooLongError");
  const owner = header(request, "x-amz-expected-bucket-owner");
  if (owner !== undefined && owner !== accountId) throw new S3Error("AccessDenied");
  const acl = header(request, "x-amz-acl");
  if (acl !== undefined && !OWNERS_ACLS.includes(acl)) throw new S3Error("AccessControlListNotSupported");
  const encryption = header(request, "x-amz-server-side-encryption");
  if (encryption !== undefined && !ENCRYPTIONS.includes(encryption)) {
    throw new S3Error("InvalidArgument", "The encryption method specified is not supported");
  }
  const storageClass = header(request, "x-amz-storage-class") ?? "STANDARD";
  const unsupported = Object.keys(request.headers).find((name) => UNSUPPORTED_HEADERS.test(name));
  if (unsupported === undefined && storageClass === "STANDARD") return;
  const name = unsupported ?? `the storage class ${storageClass}`;
  throw new S3Error("NotImplemented", `This local server does not implement ${name}.`);
}

function bucketOf({ storage }: S3, { bucket }: S3Request) {
  return storage.bucket(bucket);
}
