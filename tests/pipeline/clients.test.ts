// Other S3 clients. Each is the real one, and its tests are skipped if it is not installed.
import { execFile, execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { type LocalAws, startAws } from "@thumbsmith/aws-local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const MEGABYTE = 1024 ** 2;

let directory: string;
let aws: LocalAws;
const file = (name: string) => join(directory, name);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "thumbsmith-clients-"));
  aws = await startAws({ directory: file("buckets") });
  const s3 = new S3Client(aws);
  for (const Bucket of ["uploads", "others"]) await s3.send(new CreateBucketCommand({ Bucket }));
  s3.destroy();
  await writeFile(file("small.jpg"), randomBytes(10_000));
  // Larger than every client's threshold for multipart uploads.
  await writeFile(file("large.tif"), randomBytes(20 * MEGABYTE));
});
afterAll(async () => {
  await aws.close();
  await rm(directory, { recursive: true });
});

function isInstalled(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Runs a client with the local server's credentials, and without this machine's configuration. */
async function run(
  command: string,
  args: string[],
  environment: Record<string, string> = {},
): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, {
    env: {
      PATH: process.env.PATH,
      HOME: directory,
      AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
      AWS_REGION: aws.region,
      AWS_DEFAULT_REGION: aws.region,
      ...environment,
    },
  });
  return stdout;
}

async function expectSame(a: string, b: string): Promise<void> {
  const [first, second] = await Promise.all([readFile(file(a)), readFile(file(b))]);
  expect(first.equals(second)).toBe(true);
}

describe.skipIf(!isInstalled("aws", "--version"))("the aws command", () => {
  const s3 = (...args: string[]) => run("aws", ["--endpoint-url", aws.endpoint, "s3", ...args]);
  const s3api = async (...args: string[]) =>
    JSON.parse((await run("aws", ["--endpoint-url", aws.endpoint, "s3api", ...args])) || "{}");

  it.each(["small.jpg", "large.tif"])(
    "uploads %s, lists it, copies it to another bucket and back",
    async (name) => {
      await s3("cp", file(name), `s3://uploads/aws/${name}`);
      expect(await s3("ls", "s3://uploads/aws/")).toContain(name);
      await s3("cp", `s3://uploads/aws/${name}`, `s3://others/${name}`);
      await s3("cp", `s3://others/${name}`, file("back"));
      await expectSame("back", name);
    },
  );

  it("syncs a folder, and deletes removed files", async () => {
    await s3("sync", directory, "s3://uploads/sync/", "--exclude", "*", "--include", "small.jpg");
    await s3("rm", "s3://uploads/sync/", "--recursive");
    expect(await s3("ls", "s3://uploads/sync/").catch(() => "")).toBe("");
  });

  it("puts an object with encryption, tags, a storage class and an access list, as many scripts do", async () => {
    const at = ["--bucket", "uploads", "--key", "dressed.jpg"];
    const put = await s3api(
      ...["put-object", ...at, "--body", file("small.jpg"), "--acl", "private"],
      ...[
        "--server-side-encryption",
        "AES256",
        "--tagging",
        "owner=kim&kind=photo",
        "--storage-class",
        "STANDARD",
      ],
    );
    expect(put).toMatchObject({ ServerSideEncryption: "AES256" });
    expect(await s3api("head-object", ...at)).toMatchObject({ ServerSideEncryption: "AES256", TagCount: 2 });
    expect(await s3api("get-object-tagging", ...at)).toMatchObject({
      TagSet: [
        { Key: "owner", Value: "kim" },
        { Key: "kind", Value: "photo" },
      ],
    });
  });

  it("lists by ListObjects, page by page", async () => {
    const { Contents } = await s3api(
      "list-objects",
      "--bucket",
      "uploads",
      "--page-size",
      "1",
      "--prefix",
      "aws/",
    );
    expect(Contents.map(({ Key }: { Key: string }) => Key)).toEqual(["aws/large.tif", "aws/small.jpg"]);
  });

  it("makes a URL that anyone can download from", async () => {
    // For other endpoints it uses signature version 2 by default, which S3 refuses for every bucket made since 2020.
    await writeFile(file("aws-config"), "[default]\ns3 =\n  signature_version = s3v4\n");
    await s3("cp", file("small.jpg"), "s3://uploads/shared.jpg");
    const address = (
      await run("aws", ["--endpoint-url", aws.endpoint, "s3", "presign", "s3://uploads/shared.jpg"], {
        AWS_CONFIG_FILE: file("aws-config"),
      })
    ).trim();
    const response = await fetch(address);
    expect(response.status).toBe(200);
    expect((await response.arrayBuffer()).byteLength).toBe(10_000);
  });
});

describe.skipIf(!isInstalled("s3cmd", "--version"))("s3cmd", () => {
  const s3cmd = (...args: string[]) => {
    const { host } = new URL(aws.endpoint);
    return run("s3cmd", [
      ...[
        "--no-ssl",
        `--host=${host}`,
        `--host-bucket=${host}`,
        `--region=${aws.region}`,
        "--config=/dev/null",
      ],
      ...[`--access_key=${aws.credentials.accessKeyId}`, `--secret_key=${aws.credentials.secretAccessKey}`],
      ...args,
    ]);
  };

  it.each(["small.jpg", "large.tif"])("uploads %s, lists it, copies it and gets it back", async (name) => {
    await s3cmd("put", file(name), `s3://uploads/s3cmd/${name}`);
    expect(await s3cmd("ls", "s3://uploads/s3cmd/")).toContain(name);
    await s3cmd("cp", `s3://uploads/s3cmd/${name}`, `s3://others/s3cmd-${name}`);
    await s3cmd("get", "--force", `s3://others/s3cmd-${name}`, file("back-s3cmd"));
    await expectSame("back-s3cmd", name);
    await s3cmd("del", `s3://others/s3cmd-${name}`);
  });

  it("makes a bucket and removes it", async () => {
    await s3cmd("mb", "s3://made-by-s3cmd");
    await s3cmd("rb", "s3://made-by-s3cmd");
  });
});

describe.skipIf(!isInstalled("rclone", "version"))("rclone", () => {
  const rclone = (...args: string[]) =>
    run("rclone", [...args, "--config", "/dev/null"], {
      RCLONE_CONFIG_LOCAL_TYPE: "s3",
      RCLONE_CONFIG_LOCAL_PROVIDER: "Other",
      RCLONE_CONFIG_LOCAL_ENV_AUTH: "true",
      RCLONE_CONFIG_LOCAL_ENDPOINT: aws.endpoint,
      RCLONE_CONFIG_LOCAL_REGION: aws.region,
      RCLONE_S3_UPLOAD_CUTOFF: "8M",
    });

  it.each(["small.jpg", "large.tif"])("copies %s to a bucket, lists it, and copies it back", async (name) => {
    await rclone("copyto", file(name), `local:uploads/rclone/${name}`);
    expect(await rclone("ls", "local:uploads/rclone")).toContain(name);
    await rclone("copyto", `local:uploads/rclone/${name}`, `local:others/rclone-${name}`);
    await rclone("copyto", `local:others/rclone-${name}`, file("back-rclone"));
    await expectSame("back-rclone", name);
  });

  it("makes a bucket, and purges it with its objects", async () => {
    await rclone("mkdir", "local:made-by-rclone");
    await rclone("copyto", file("small.jpg"), "local:made-by-rclone/a.jpg");
    await rclone("purge", "local:made-by-rclone");
  });
});
