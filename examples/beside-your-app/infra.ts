// For the infra/ of another SST application, in the same account and region. Thumbsmith's deployment printed the names.

const uploads = "<uploadsBucket>";
const thumbnails = "<thumbnailsBucket>";
const key = "<keyArn>";
const throughS3 = [{ test: "StringLike", variable: "kms:ViaService", values: ["s3.*.amazonaws.com"] }];

/** To upload, and to find what was made of it. `link` them to what needs them. */
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

/** A function of yours that is called as each picture is done, or could not be made. */
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
