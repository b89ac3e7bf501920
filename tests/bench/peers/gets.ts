// Reads every object of a bucket with the SDK, as many at a time as a backfill reads manifests, and does nothing with them.
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { LOCAL_ACCESS } from "@thumbsmith/aws-local";
import { createClient } from "@thumbsmith/functions";
import { pages } from "../../../packages/cli/src/deployment/listing.ts";

const AT_ONCE = 42;
const [endpoint, bucket = ""] = process.argv.slice(2);
const s3 = createClient({ ...LOCAL_ACCESS, endpoint });
for await (const page of pages(s3, bucket, { prefix: "" })) {
  const objects = page.values();
  const getAll = async () => {
    for (const { key } of objects) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      await Body?.transformToString();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, getAll));
}
s3.destroy();
