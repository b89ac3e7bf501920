import { copyFile, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ROOT, type Run, run } from "./run.ts";

let directory: string;
let local: Run;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "thumbsmith-local-"));
  local = start("0");
  await local.says("Ctrl-C stops it");
});
afterEach(async () => {
  local.child.kill("SIGKILL");
  await local.exit;
  await rm(directory, { recursive: true, force: true });
});

const start = (port: string) =>
  run(["local", "--directory", directory, "--port", port, "--studio-port", "0"]);
const sample = (name: string) => join(ROOT, "samples", name);

describe("pnpm local", () => {
  it("makes a thumbnail of a photo that is copied into the folder, and removes it with the photo", async () => {
    // The rule's folder exists already.
    await mkdir(join(directory, "uploads-bucket/uploads/trip"));
    const photo = join(directory, "uploads-bucket/uploads/trip/meadow.jpg");
    await copyFile(sample("autumn-meadow-baseline.jpg"), photo);
    await local.says("✓ uploads/trip/meadow.jpg → thumbnails/trip/meadow.jpg (150 × 150)");
    const thumbnail = join(directory, "thumbnails-bucket/thumbnails/trip/meadow.jpg");
    expect(await sharp(await readFile(thumbnail)).metadata()).toMatchObject({ width: 150, height: 150 });
    await rm(photo);
    await local.says("− uploads/trip/meadow.jpg");
    await expect(readFile(thumbnail)).rejects.toThrow("ENOENT");
  });

  it("makes a thumbnail of a photo that an S3 client uploads", async () => {
    const [, endpoint] = /--endpoint-url (\S+)/.exec(local.output()) ?? [];
    const credentials = { accessKeyId: "local", secretAccessKey: "local" };
    const s3 = new S3Client({ endpoint, region: "us-east-1", credentials });
    const Body = await readFile(sample("forest-stream.webp"));
    await s3.send(new PutObjectCommand({ Bucket: "uploads-bucket", Key: "uploads/a.webp", Body }));
    await local.says("✓ uploads/a.webp → thumbnails/a.webp (150 × 150)");
    const { ContentType } = await s3.send(
      new GetObjectCommand({ Bucket: "thumbnails-bucket", Key: "thumbnails/a.webp" }),
    );
    expect(ContentType).toBe("image/webp");
    s3.destroy();
  });

  it("stops at Ctrl-C, keeps the folders, and makes what was missed when it starts again", async () => {
    local.child.kill("SIGINT");
    expect(await local.exit).toBe(0);
    await mkdir(join(directory, "uploads-bucket/uploads"), { recursive: true });
    await copyFile(sample("not-an-image.jpg"), join(directory, "uploads-bucket/uploads/while-away.jpg"));
    local = start("0");
    await local.says("✗ uploads/while-away.jpg  rejected, not-an-image: Expected one of");
  });

  it("refuses a file in the place of a rule's folder", async () => {
    local.child.kill("SIGINT");
    await local.exit;
    await rm(join(directory, "uploads-bucket/uploads"), { recursive: true });
    await copyFile(sample("forest-stream.webp"), join(directory, "uploads-bucket/uploads"));
    local = start("0");
    expect(await local.exit).toBe(2);
    expect(local.output()).toContain(
      "found a file, perhaps a photo that was copied there before the folder existed",
    );
  });

  it("refuses a directory that another process uses, and takes over from one that was killed", async () => {
    const second = start("0");
    expect(await second.exit).toBe(2);
    expect(second.output()).toContain(`found it in use by process ${local.child.pid}.`);
    local.child.kill("SIGKILL");
    await local.exit;
    local = start("0");
    await local.says("Ctrl-C stops it");
  });

  it("says which port is taken", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" && address ? String(address.port) : "";
    const elsewhere = await mkdtemp(join(tmpdir(), "thumbsmith-local-"));
    const second = run(["local", "--directory", elsewhere, "--port", port, "--studio-port", "0"]);
    expect(await second.exit).toBe(2);
    await rm(elsewhere, { recursive: true });
    expect(second.output()).toContain(`Port ${port} is already in use on 127.0.0.1.`);
    server.close();
  });
});
