import { S3ServiceException } from "@aws-sdk/client-s3";
import { type Code, ThumbsmithError } from "@thumbsmith/shared";

/** The object was written since it was observed. */
export class Conflict extends Error {
  override readonly name = "Conflict";
}

/** Translates an error of S3 to what it means for the job. Nothing else does. */
export function translate(error: unknown, object: string, signal: AbortSignal): Error {
  if (signal.aborted) {
    return new ThumbsmithError("out-of-time", `Timed out on ${object}.`, { cause: error });
  }
  if (!(error instanceof S3ServiceException)) {
    return new ThumbsmithError("network", `Lost the connection to S3 on ${object}.`, { cause: error });
  }
  const status = error.$metadata.httpStatusCode;
  // A put with a condition on an object that is deleted since answers 404. A delete's 404 does not get here.
  if (status === 412 || status === 409 || (status === 404 && error.name === "NoSuchKey")) {
    return new Conflict(`${object} changed since it was observed.`, { cause: error });
  }
  const found = status ? `${error.name} (HTTP ${status})` : error.name;
  return new ThumbsmithError(codeOf(error, status), `S3 answered ${found} on ${object}: ${error.message}`, {
    cause: error,
  });
}

/** Names and statuses: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
function codeOf({ name, message }: S3ServiceException, status = 0): Code {
  if (name === "InvalidObjectState") return "not-readable";
  // For an object under the uploader's key (SSE-C), only the message tells this error from others.
  if (name === "InvalidRequest" && /server side encryption/i.test(message)) return "not-readable";
  if (name === "NoSuchBucket") return "bucket-missing";
  if (name.startsWith("KMS.")) return name === "KMS.ThrottlingException" ? "throttled" : "key-unusable";
  if (name === "SlowDown" || name.startsWith("Throttling") || status === 429 || status === 503)
    return "throttled";
  if (status === 403) return "access-denied";
  return "storage";
}
