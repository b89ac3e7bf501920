import { thumbnails, uploads } from "./buckets.ts";
import { outputs, sources } from "./patterns.ts";
import { mayLearnOfAbsence, mayUseKeyOfUploads, mayUseKeyThrough, under } from "./permissions.ts";

// What an application links: see docs/using-it.md. SST's link to a bucket would allow every action on every object.

/** Allows uploads under the prefixes of the rules, in one or several parts. */
export const uploading = new sst.Linkable("ThumbsmithUploads", {
  properties: { bucket: uploads.name },
  include: [
    sst.aws.permission({
      actions: ["s3:PutObject", "s3:AbortMultipartUpload"],
      resources: under(uploads, sources),
    }),
    // S3 decrypts the parts of an upload to join them.
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions
    ...mayUseKeyOfUploads("kms:GenerateDataKey", "kms:Decrypt").map(sst.aws.permission),
  ],
});

/** Allows reading thumbnails and manifests. */
export const reading = new sst.Linkable("ThumbsmithThumbnails", {
  properties: { bucket: thumbnails.name },
  include: [
    sst.aws.permission({ actions: ["s3:GetObject"], resources: under(thumbnails, outputs) }),
    sst.aws.permission(mayLearnOfAbsence(thumbnails, outputs)),
    sst.aws.permission(mayUseKeyThrough(["s3"], "kms:Decrypt")),
  ],
});
