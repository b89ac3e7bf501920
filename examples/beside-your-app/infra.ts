// For the infra/ of your SST app, in the same account and region. Fill in the names that Thumbsmith's `sst deploy` printed.

const uploads = "<uploadsBucket>";
const thumbnails = "<thumbnailsBucket>";
const key = "<keyArn>";
const throughS3 = [{ test: "StringLike", variable: "kms:ViaService", values: ["s3.*.amazonaws.com"] }];

/** Link `uploading` to functions that upload, and `reading` to those that read thumbnails and manifests. */
export const uploading = new sst.Linkable("Uploading", {
  properties: { bucket: uploads },
  include: [
    sst.aws.permission({
      actions: ["s3:PutObject", "s3:AbortMultipartUpload"],
      resources: [`arn:aws:s3:::${uploads}/uploads/*`],
    }),
    sst.aws.permission({
      actions: ["kms:GenerateDataKey", "kms:Decrypt"],
      resources: [key],
      conditions: throughS3,
    }),
  ],
});
export const reading = new sst.Linkable("Reading", {
  properties: { bucket: thumbnails },
  include: [
    sst.aws.permission({
      actions: ["s3:GetObject"],
      resources: ["thumbnails/*", "manifests/*"].map((keys) => `arn:aws:s3:::${thumbnails}/${keys}`),
    }),
    sst.aws.permission({ actions: ["kms:Decrypt"], resources: [key], conditions: throughS3 }),
  ],
});

/** Your function, called for every image that is done or rejected. */
sst.aws.Bus.get("Account", "default").subscribe(
  "PictureDone",
  { handler: "src/picture-done.handler", link: [reading] },
  {
    pattern: {
      source: ["aws.s3"],
      detailType: ["Object Created"],
      detail: { bucket: { name: [thumbnails] }, object: { key: [{ prefix: "manifests/" }] } },
    },
  },
);
