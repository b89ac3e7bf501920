import { mayUseKeyThrough } from "../permissions.ts";

// Linked resources are encrypted with the key, so a link also gives the right to use the key through that service, and so
// only for what the link allows. Without it, every put, send and publish would be answered by 403.

withKey(sst.aws.Bucket, "s3");
withKey(sst.aws.Queue, "sqs");
withKey(sst.aws.SnsTopic, "sns");
withKey(sst.aws.KinesisStream, "kinesis");

function withKey<Linked extends { getSSTLink(): sst.Definition }>(
  // biome-ignore lint/suspicious/noExplicitAny: as SST types it
  kind: { new (...args: any[]): Linked; prototype: Linked },
  service: string,
) {
  const { getSSTLink } = kind.prototype;
  const permission = sst.aws.permission(mayUseKeyThrough([service], "kms:GenerateDataKey", "kms:Decrypt"));
  sst.Linkable.wrap(kind, (linked: Linked) => {
    const link = getSSTLink.call(linked);
    return { ...link, include: [...(link.include ?? []), permission] };
  });
}
