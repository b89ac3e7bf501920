/**
 * Every way in which a job can end without thumbnails. An image is `rejected` for its own fault: it is answered
 * with a manifest and never retried. A job `failed` for ours or AWS's: the queue retries it, then dead-letters it.
 * The `action` is an operator's: docs/operations.md has them all.
 */
export const codes = {
  "empty-file": {
    kind: "rejected",
    meaning: "The object has no bytes.",
    action: "Look at the application that uploads: it made an object and sent nothing.",
  },
  "not-an-image": {
    kind: "rejected",
    meaning: "The bytes are of no image format that the decoder knows.",
    action: "Nothing, if users may send anything. Else look at what the application uploads.",
  },
  "heic-not-decodable": {
    kind: "rejected",
    meaning: "HEIC, as iPhones store it: its HEVC cannot be decoded.",
    action: "Let the application convert it, as Safari does when the file input accepts `image/jpeg` alone.",
  },
  "not-decodable": {
    kind: "rejected",
    meaning: "An image of a kind that cannot be decoded here. The message names it.",
    action: "Have it uploaded as a JPEG or PNG, or let the application convert it.",
  },
  "format-not-accepted": {
    kind: "rejected",
    meaning: "An image, of a format that the rule does not accept.",
    action: "Add the format to the rule's `formats` if it is wanted, deploy, and `backfill`.",
  },
  "corrupt-image": {
    kind: "rejected",
    meaning: "The image is truncated or damaged.",
    action: "Have it uploaded again. Many at once: the application ends uploads too early.",
  },
  "too-many-bytes": {
    kind: "rejected",
    meaning: "The object is larger than `limits.bytes`.",
    action: "Raise the limit if such are wanted, deploy, and `backfill`.",
  },
  "too-many-pixels": {
    kind: "rejected",
    meaning: "The image exceeds `limits.pixels`, or takes more than `limits.memory` can decode.",
    action: "Raise them if such are wanted, deploy, and `backfill`.",
  },
  "too-many-frames": {
    kind: "rejected",
    meaning: "The image has more frames or pages than `limits.frames`.",
    action: "Raise the limit if such are wanted, deploy, and `backfill`.",
  },
  "too-many-scans": {
    kind: "rejected",
    meaning: "A progressive JPEG that is drawn over and over to waste time.",
    action: "Nothing: no camera makes such. Look at who uploads it.",
  },
  "side-too-long": {
    kind: "rejected",
    meaning: "The image is wider or taller than `limits.side`.",
    action: "Raise the limit if such are wanted, deploy, and `backfill`.",
  },
  "too-slow": {
    kind: "rejected",
    meaning: "The image took longer than `limits.seconds`, beside others and then alone.",
    action: "Raise the limit, or `limits.memory` up to 1769 for a whole processor, deploy, and `backfill`.",
  },
  "not-readable": {
    kind: "rejected",
    meaning:
      "S3 does not hand the object over: it is archived, or encrypted with its uploader's own key (SSE-C).",
    action:
      "Restore what is archived: thumbnails are made when S3 has done it. Upload the rest without SSE-C.",
  },
  "invalid-key": {
    kind: "rejected",
    meaning: "The object key cannot be decoded, or has `.` or `..` segments.",
    action: "Upload it under another name.",
  },
  "key-too-long": {
    kind: "rejected",
    meaning: "An output's key would exceed the 1024 bytes that S3 allows.",
    action: "Upload it under a shorter name, or shorten the variant's prefix.",
  },

  "invalid-config": {
    kind: "failed",
    meaning: "`thumbsmith.config.ts` has a mistake.",
    action: "Mend what the message names, and deploy.",
  },
  "invalid-environment": {
    kind: "failed",
    meaning: "The function's environment variables are incomplete.",
    action: "Deploy again: somebody has changed them by hand.",
  },
  "invalid-message": {
    kind: "failed",
    meaning: "A message in the queue is no S3 event notification.",
    action: "Find who else sends to the queue, and delete the message.",
  },
  "wrong-bucket": {
    kind: "failed",
    meaning: "An event of a bucket that is not the uploads bucket.",
    action: "Take the queue out of that bucket's notifications, and delete the message.",
  },
  "access-denied": {
    kind: "failed",
    meaning: "S3 or KMS refused the function's role.",
    action: "`verify` names the policy that was changed. Deploy, and `redrive`.",
  },
  "bucket-missing": {
    kind: "failed",
    meaning: "A bucket does not exist.",
    action: "Restore the bucket or deploy it again, and `redrive`.",
  },
  "key-unusable": {
    kind: "failed",
    meaning: "The KMS key is disabled, pending deletion, or missing.",
    action: "Enable it, or cancel its deletion, at once: without it nothing can be read. Then `redrive`.",
  },
  throttled: {
    kind: "failed",
    meaning: "S3 or KMS asked for fewer requests.",
    action: "`redrive` at a low `--rate`. If it recurs, lower `limits.concurrency`, or raise the KMS quota.",
  },
  network: {
    kind: "failed",
    meaning: "The connection to AWS broke or timed out.",
    action: "`redrive`. If it lasts, look at AWS's health dashboard.",
  },
  storage: {
    kind: "failed",
    meaning: "S3 answered with another error.",
    action: "The log has S3's own code. `redrive` when it has passed.",
  },
  contended: {
    kind: "failed",
    meaning: "The object kept changing while it was being made.",
    action: "`redrive`. Many at once: something overwrites one key over and over.",
  },
  "out-of-time": {
    kind: "failed",
    meaning: "The invocation's time ended before this job's turn.",
    action: "`redrive`. If it recurs, raise `limits.timeout` or `limits.memory`.",
  },
  internal: {
    kind: "failed",
    meaning: "A fault of Thumbsmith itself.",
    action: "Report it with its line of the log. `redrive` when it is mended.",
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

/** Narrows an error to a rejection: the image's own fault. */
export function isRejection(error: unknown): error is ThumbsmithError & { code: RejectionCode } {
  return error instanceof ThumbsmithError && error.kind === "rejected";
}
