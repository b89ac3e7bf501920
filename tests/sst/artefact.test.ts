import { execFile } from "node:child_process";
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { makeHeic } from "@thumbsmith/testing/heic";
import { describe, expect, inject, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import functions from "../../packages/functions/package.json" with { type: "json" };

const MEGABYTE = 1_000_000;
/** `e_machine` of an ELF file. https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html */
const AARCH64 = 183;

it("ships the sharp that the tests use", () => {
  expect(manifest.dependencies.sharp).toBe(functions.dependencies.sharp);
  for (const version of Object.values(manifest.dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
});

describe("the function's package that SST zips", async () => {
  const { folder, packed } = inject("production");
  const at = (file: string) => path.join(folder, file);
  const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();

  it("has sharp at exactly our version, for Lambda's architecture only", async () => {
    const binaries = files.filter((file) => /\.node$|\.so(\.|$)/.test(file));
    expect(JSON.parse(await readFile(at("node_modules/sharp/package.json"), "utf8")).version).toBe("0.35.5");
    expect(binaries).toEqual([
      expect.stringMatching(/^node_modules\/@img\/sharp-libvips-linux-arm64\/lib\/libvips-cpp\.so\.\S+$/),
      expect.stringMatching(/^node_modules\/@img\/sharp-linux-arm64\/lib\/sharp-linux-arm64-?\S*\.node$/),
    ]);
    for (const binary of binaries) expect((await readFile(at(binary))).readUInt16LE(18)).toBe(AARCH64);
  });

  it("has sharp's own dependencies at the versions of the lockfile", async () => {
    const { packages } = JSON.parse(await readFile(at("package-lock.json"), "utf8"));
    const unpinned = Object.entries<{ version: string; optional?: true }>(packages)
      .filter(([name, { optional }]) => name !== "" && !optional)
      .map(([name, { version }]) => [name.replace("node_modules/", ""), version]);
    expect(Object.fromEntries(unpinned)).toEqual(manifest.dependencies);
  });

  it("is small, because Lambda fetches and unpacks it in every cold start", async () => {
    const sizes = await Promise.all(files.map(async (file) => (await stat(at(file))).size));
    const unpacked = sizes.reduce((sum, size) => sum + size, 0);
    console.log(`${(packed / MEGABYTE).toFixed(1)} MB, unpacked ${(unpacked / MEGABYTE).toFixed(1)} MB`);
    expect(unpacked).toBeLessThan(30 * MEGABYTE);
    expect(packed).toBeLessThan(12 * MEGABYTE);
  });

  it("has no decoder of HEIC, because the configuration does not list it", () => {
    expect(files.filter((file) => /heic|heif-js/.test(file))).toEqual([]);
  });

  it("contains only the bundle of the workspace", () => {
    const outside = files.filter((file) => !file.startsWith("node_modules/"));
    // `resource.enc` has what SST links, which is only the application's name here.
    expect(outside).toEqual(["bundle.mjs", "package-lock.json", "package.json", "resource.enc"]);
  });

  it("looks for credentials only in the environment", async () => {
    const bundle = await readFile(at("bundle.mjs"), "utf8");
    expect(bundle).toContain("@aws-sdk/credential-provider-env/");
    expect(bundle).not.toMatch(
      /credential-provider-(?:ini|process|sso|web-identity|http|imds)\/dist|nested-clients/,
    );
  });
});

describe("the function's package for the machine that runs the tests", () => {
  it.runIf(process.platform === "linux")("loads by itself, and answers an empty batch", async () => {
    const script = `
      const { handler } = await import("./bundle.mjs");
      const { default: sharp } = await import("sharp");
      const picture = await sharp({ create: { width: 2, height: 2, channels: 3, background: "red" } }).jpeg().toBuffer();
      const answer = await handler({ Records: [] }, { getRemainingTimeInMillis: () => 60_000 });
      console.log(JSON.stringify({ answer, jpeg: picture.subarray(0, 2).toString("hex") }));
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
      cwd: inject("personal").folder,
      env: { AWS_REGION: "us-east-1", UPLOADS_BUCKET: "uploads", THUMBNAILS_BUCKET: "thumbnails" },
    });
    expect(JSON.parse(stdout.trim().split("\n").at(-1) ?? "")).toEqual({
      answer: { batchItemFailures: [] },
      jpeg: "ffd8",
    });
  });

  it.runIf(process.platform === "linux")(
    "has the decoder of HEIC if its rule lists it, and decodes one",
    async () => {
      const { folder } = inject("personal");
      const decoder = path.join(folder, "node_modules/@thumbsmith/heic");
      expect(
        (await readdir(decoder, { recursive: true })).filter((file) => /\.\w+$|LICENSE/.test(file)).sort(),
      ).toEqual([
        "node_modules/libheif-js/libheif-wasm/LICENSE",
        "node_modules/libheif-js/libheif-wasm/libheif.js",
        "node_modules/libheif-js/libheif-wasm/libheif.wasm",
        "package.json",
        "worker.mjs",
      ]);
      const script = `
      const { Worker } = await import("node:worker_threads");
      const { createRequire } = await import("node:module");
      const file = createRequire(process.cwd() + "/bundle.mjs").resolve("@thumbsmith/heic/worker");
      const [head, heapBytes] = [new Uint8Array(8), 100e6];
      const source = Buffer.from("${makeHeic().toString("base64")}", "base64");
      const workerData = { file: source, head, width: 128, height: 128, channels: 3, heapBytes };
      new Worker(file, { workerData, execArgv: [], env: {} }).once("message", ({ data }) => console.log(data.byteLength));
    `;
      const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
        cwd: folder,
      });
      expect(Number(stdout)).toBe(8 + 128 * 128 * 3);
    },
  );
});
