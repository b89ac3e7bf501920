/**
 * Every way in which a job can end without thumbnails. `rejected`: the source is at fault, so its manifest says why and
 * the job is not retried. `failed`: we or AWS are at fault, so the queue retries the job, then moves it to the dead
 * letters. `action` tells an operator what to do: docs/operations.md lists them all.
 */
export const codes = {
  "empty-file": {
    kind: "rejected",
    meaning: "The object has no bytes.",
    action: "Check the uploading application: it created an object without content.",
  },
  "not-an-image": {
    kind: "rejected",
    meaning: "The file is not an image, or not in a known format.",
    action: "Nothing, if users may upload anything. Otherwise, check what the application uploads.",
  },
  "heic-not-decodable": {
    kind: "rejected",
    meaning: "A HEIC image, the format of iPhones, which the rule's `formats` do not list.",
    action:
      'Add "heic" to the rule\'s `formats`, deploy, and run `backfill`. Or let the browser convert it: Safari does so if the file input accepts only `image/jpeg`.',
  },
  "not-decodable": {
    kind: "rejected",
    meaning: "An image of a kind that cannot be decoded. The message names it.",
    action: "Upload it as a JPEG or PNG, or convert it in the application.",
  },
  "format-not-accepted": {
    kind: "rejected",
    meaning: "An image in a format that the rule does not accept.",
    action: "To accept it, add the format to the rule's `formats`, deploy, and run `backfill`.",
  },
  "corrupt-image": {
    kind: "rejected",
    meaning: "The image is truncated or damaged.",
    action: "Upload it again. If there are many at once, the application truncates its uploads.",
  },
  "too-many-bytes": {
    kind: "rejected",
    meaning: "The object is larger than `limits.bytes`.",
    action: "To accept it, raise the limit, deploy, and run `backfill`.",
  },
  "too-many-pixels": {
    kind: "rejected",
    meaning:
      "The image has more pixels than `limits.pixels`, or needs more memory than `limits.memory` allows.",
    action: "To accept it, raise these limits, deploy, and run `backfill`.",
  },
  "too-many-frames": {
    kind: "rejected",
    meaning: "The image has more frames or pages than `limits.frames`.",
    action: "To accept it, raise the limit, deploy, and run `backfill`.",
  },
  "too-many-scans": {
    kind: "rejected",
    meaning: "A progressive JPEG with so many scans that it was probably made to waste time.",
    action: "Nothing: no camera makes these. Check who uploads it.",
  },
  "side-too-long": {
    kind: "rejected",
    meaning: "The image is wider or taller than `limits.side`.",
    action: "To accept it, raise the limit, deploy, and run `backfill`.",
  },
  "too-slow": {
    kind: "rejected",
    meaning: "The image took longer than `limits.seconds`, twice: once together with others, once by itself.",
    action: "Raise the limit, or raise `limits.memory` up to 1769 (a full vCPU), deploy, and run `backfill`.",
  },
  "not-readable": {
    kind: "rejected",
    meaning:
      "S3 cannot return the object: it is archived, or encrypted with a key that only its uploader has (SSE-C).",
    action:
      "Restore an archived object: its thumbnails are then made. Upload an object with SSE-C again, without it.",
  },
  "invalid-key": {
    kind: "rejected",
    meaning: "The object key cannot be decoded, or has `.` or `..` segments.",
    action: "Rename it, and upload it again.",
  },
  "key-too-long": {
    kind: "rejected",
    meaning: "An output's key would exceed the 1024 bytes that S3 allows.",
    action: "Upload it under a shorter name, or shorten the variant's prefix.",
  },

  "invalid-config": {
    kind: "failed",
    meaning: "`thumbsmith.config.ts` has a mistake.",
    action: "Fix what the message names, and deploy.",
  },
  "invalid-environment": {
    kind: "failed",
    meaning: "The function's environment variables are incomplete.",
    action: "Deploy again: they were changed by hand.",
  },
  "invalid-message": {
    kind: "failed",
    meaning: "A message in the queue is not an S3 event.",
    action: "Find out who else sends to the queue, and delete the message.",
  },
  "wrong-bucket": {
    kind: "failed",
    meaning: "An event came from a bucket other than the uploads bucket.",
    action: "Remove the queue from that bucket's notifications, and delete the message.",
  },
  "access-denied": {
    kind: "failed",
    meaning: "S3 or KMS denied access to the function's role.",
    action: "Run `verify` to see which policy was changed. Deploy, then run `redrive`.",
  },
  "bucket-missing": {
    kind: "failed",
    meaning: "A bucket does not exist.",
    action: "Restore the bucket, or deploy again. Then run `redrive`.",
  },
  "key-unusable": {
    kind: "failed",
    meaning: "The KMS key is disabled, pending deletion, or missing.",
    action:
      "Enable it, or cancel its deletion, at once: without it, nothing can be read. Then run `redrive`.",
  },
  throttled: {
    kind: "failed",
    meaning: "S3 or KMS throttled the requests.",
    action:
      "Run `redrive` with a low `--rate`. If it happens again, lower `limits.concurrency` or raise the KMS quota.",
  },
  network: {
    kind: "failed",
    meaning: "The connection to AWS broke or timed out.",
    action: "Run `redrive`. If it continues, check the AWS Health Dashboard.",
  },
  storage: {
    kind: "failed",
    meaning: "S3 answered with another error.",
    action: "Find S3's error code in the log. Once it has passed, run `redrive`.",
  },
  contended: {
    kind: "failed",
    meaning: "The object kept changing while its thumbnails were made.",
    action: "Run `redrive`. If there are many, something keeps overwriting one key.",
  },
  "out-of-time": {
    kind: "failed",
    meaning: "The invocation ran out of time before this job was done.",
    action: "Run `redrive`. If it happens again, raise `limits.timeout` or `limits.memory`.",
  },
  "edit-failed": {
    kind: "failed",
    meaning: "A variant's `edit` threw, took too long, or returned no picture. The message names it.",
    action: "Correct it in `thumbsmith.config.ts`, deploy, and run `redrive`.",
  },
  internal: {
    kind: "failed",
    meaning: "A bug in Thumbsmith.",
    action: "Report it, with its line from the log. Once it is fixed, run `redrive`.",
  },
} as const satisfies Record<string, { kind: "rejected" | "failed"; meaning: string; action: string }>;

export type Code = keyof typeof codes;
export type RejectionCode = { [C in Code]: (typeof codes)[C]["kind"] extends "rejected" ? C : never }[Code];

/** The one error class. The `code` is stable and decides the `kind`; the message is a sentence for a person. */
export class ThumbsmithError extends Error {
  override readonly name = "ThumbsmithError";
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  get kind(): "rejected" | "failed" {
    return codes[this.code].kind;
  }
}

/** Narrows an error to a rejection: the source is at fault. */
export function isRejection(error: unknown): error is ThumbsmithError & { code: RejectionCode } {
  return error instanceof ThumbsmithError && error.kind === "rejected";
}
