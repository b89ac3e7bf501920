/**
 * Every way in which a job can end without thumbnails. An image is `rejected` for its own fault: it is answered
 * with a manifest and never retried. A job `failed` for ours or AWS's: the queue retries it, then dead-letters it.
 */
export const codes = {
  "empty-file": { kind: "rejected", meaning: "The object has no bytes." },
  "not-an-image": { kind: "rejected", meaning: "The bytes are of no image format that the decoder knows." },
  "heic-not-decodable": {
    kind: "rejected",
    meaning: "HEIC, as iPhones store it: its HEVC cannot be decoded.",
  },
  "format-not-accepted": {
    kind: "rejected",
    meaning: "An image, of a format that the rule does not accept.",
  },
  "corrupt-image": { kind: "rejected", meaning: "The image is truncated or damaged." },
  "too-many-bytes": { kind: "rejected", meaning: "The object is larger than `limits.bytes`." },
  "too-many-pixels": {
    kind: "rejected",
    meaning: "The image exceeds `limits.pixels`, or takes more than `limits.memory` can decode.",
  },
  "too-many-frames": {
    kind: "rejected",
    meaning: "The image has more frames or pages than `limits.frames`.",
  },
  "too-many-scans": {
    kind: "rejected",
    meaning: "A progressive JPEG that is drawn over and over to waste time.",
  },
  "side-too-long": { kind: "rejected", meaning: "The image is wider or taller than `limits.side`." },
  "too-slow": {
    kind: "rejected",
    meaning: "The image took longer than `limits.seconds`, beside others and then alone.",
  },
  "invalid-key": {
    kind: "rejected",
    meaning: "The object key cannot be decoded, or has `.` or `..` segments.",
  },
  "key-too-long": {
    kind: "rejected",
    meaning: "An output's key would exceed the 1024 bytes that S3 allows.",
  },

  "invalid-config": { kind: "failed", meaning: "`thumbsmith.config.ts` has a mistake." },
  "invalid-environment": { kind: "failed", meaning: "The function's environment variables are incomplete." },
  "invalid-message": { kind: "failed", meaning: "A message in the queue is no S3 event notification." },
  "wrong-bucket": { kind: "failed", meaning: "An event of a bucket that is not the uploads bucket." },
  "access-denied": { kind: "failed", meaning: "S3 or KMS refused the function's role." },
  "bucket-missing": { kind: "failed", meaning: "A bucket does not exist." },
  "key-unusable": { kind: "failed", meaning: "The KMS key is disabled, pending deletion, or missing." },
  throttled: { kind: "failed", meaning: "S3 or KMS asked for fewer requests." },
  network: { kind: "failed", meaning: "The connection to AWS broke or timed out." },
  storage: { kind: "failed", meaning: "S3 answered with another error." },
  contended: { kind: "failed", meaning: "The object kept changing while it was being made." },
  "out-of-time": { kind: "failed", meaning: "The invocation's time ended before this job's turn." },
  internal: { kind: "failed", meaning: "A fault of Thumbsmith itself." },
} as const satisfies Record<string, { kind: "rejected" | "failed"; meaning: string }>;

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
