import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { expect, it, vi } from "vitest";
import { refusal } from "../../test/contract/errors.ts";
import { startLocal } from "../../test/contract/local.ts";

const disk = vi.hoisted(() => ({ full: false }));

vi.mock("node:fs", async (importOriginal) => {
  const fs = await importOriginal<typeof import("node:fs")>();
  const createWriteStream: typeof fs.createWriteStream = (path, options) => {
    const file = fs.createWriteStream(path, options);
    if (!disk.full) return file;
    const error = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    file._write = (_chunk, _encoding, callback) => callback(error);
    file._writev = (_chunks, callback) => callback(error);
    return file;
  };
  return { ...fs, createWriteStream };
});

it("a full disk has its own message, stores nothing, and keeps what was there", async () => {
  const local = await startLocal();
  const Bucket = await local.createBucket();
  const put = (Body: string) => local.s3.send(new PutObjectCommand({ Bucket, Key: "a", Body }));
  await put("first");
  disk.full = true;
  const failed = put("second");
  await expect(failed).rejects.toThrow("The disk is full: nothing was stored.");
  expect(await refusal(failed)).toEqual([507, "InsufficientStorage"]);
  expect(await readdir(join(local.directory, ".s3", Bucket, "bodies"))).toEqual([]);
  disk.full = false;
  const { Body } = await local.s3.send(new GetObjectCommand({ Bucket, Key: "a" }));
  expect(await Body?.transformToString()).toBe("first");
  await local.stop();
  await rm(local.directory, { recursive: true });
});
