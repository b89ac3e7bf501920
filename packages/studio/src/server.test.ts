import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetBucketCorsCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { BUCKETS, type Pipeline, startPipeline } from "@thumbsmith/local";
import { defineConfig } from "@thumbsmith/shared";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Studio, startStudio } from "./server.ts";
import { listSources } from "./sources.ts";
import { State } from "./state.ts";
import type { Change, Source, Upload } from "./view.ts";

const config = defineConfig({
  rules: [{ prefix: "uploads/", variants: [{ prefix: "thumbnails/", width: 15, height: 15 }] }],
});

let directory: string;
let pipeline: Pipeline;
let studio: Studio;
let state: State;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "thumbsmith-studio-"));
  state = new State(config, "thumbsmith.config.ts");
  pipeline = await startPipeline({
    config,
    directory,
    watch: state.watch,
    report: (report, messages) => state.report(report, messages),
  });
  studio = await startStudio(pipeline, state, 0);
});

afterAll(async () => {
  await studio.stop();
  await pipeline.stop();
  await rm(directory, { recursive: true });
});

const png = () =>
  sharp({ create: { width: 40, height: 30, channels: 3, background: "teal" } })
    .png()
    .toBuffer();
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(studio.origin + path, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { origin: studio.origin, ...headers },
  });
const source = (key: string) => state.view().sources.find((candidate) => candidate.key === key);
const made = (key: string) =>
  vi.waitFor(() => expect(source(key)?.status).toBe("made"), { timeout: 20_000, interval: 20 });

/** Sends a request as a browser would under another host name: `fetch` cannot set the Host header. */
function statusFor(host: string, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(studio.origin);
    request({ host: "127.0.0.1", port, path, headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
}

describe("access to the studio", () => {
  it.each(["evil.example", "localhost:1", "127.0.0.1"])(
    "refuses the host %s (DNS rebinding)",
    async (host) => {
      for (const path of ["/", "/events", "/images/uploads?key=uploads/a.png"]) {
        expect(await statusFor(host, path)).toBe(421);
      }
    },
  );

  it.each([
    ["another site", { origin: "https://evil.example" }],
    ["another port of this machine", { origin: "http://127.0.0.1:1" }],
    ["a sandboxed page", { origin: "null" }],
    ["an empty origin", { origin: "" }],
  ])("refuses a request that changes something from %s", async (_who, headers) => {
    for (const path of ["/uploads", "/deliveries", "/deletions", "/redrives"]) {
      expect((await post(path, {}, headers)).status).toBe(403);
    }
  });

  it("keeps another site's page from reading the events", async () => {
    const { status } = await fetch(`${studio.origin}/events`, {
      headers: { origin: "https://evil.example" },
    });
    expect(status).toBe(403);
  });

  it("lets only the page's origin upload to S3 from a browser", async () => {
    const { CORSRules } = await pipeline.s3.send(new GetBucketCorsCommand({ Bucket: BUCKETS.uploads }));
    expect(CORSRules?.map(({ AllowedOrigins }) => AllowedOrigins)).toEqual([[studio.origin]]);
  });
});

describe("the page", () => {
  it("may load its own files and connect to S3, and nothing else", async () => {
    const { headers } = await fetch(studio.origin);
    expect(headers.get("content-security-policy")?.split("; ").sort()).toEqual([
      "base-uri 'none'",
      `connect-src 'self' ${pipeline.endpoint}`,
      "default-src 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "img-src 'self'",
      "require-trusted-types-for 'script'",
      "script-src 'self'",
      "style-src 'self'",
    ]);
    expect(Object.fromEntries(headers)).toMatchObject({
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-resource-policy": "same-origin",
    });
  });

  it("gets a presigned URL like AWS's, and its upload gets a thumbnail", async () => {
    const answer = await post("/uploads", { prefix: "uploads/", path: "a b/ü.png", type: "image/png" });
    const { url, headers, key } = (await answer.json()) as Upload;
    expect(key).toBe("uploads/a b/ü.png");
    expect(new URL(url).searchParams.get("X-Amz-Expires")).toBe("300");
    expect((await fetch(url, { method: "PUT", headers, body: new Uint8Array(await png()) })).status).toBe(
      200,
    );
    await made(key);
    expect(source(key)).toMatchObject({
      image: { format: "png", width: 40, height: 30 },
      outputs: [{ key: "thumbnails/a b/ü.png", format: "png", width: 15, height: 15 }],
      phases: { make: expect.any(Number), write: expect.any(Number) },
    });
  });

  it("cannot upload another content type than it asked for", async () => {
    const answer = await post("/uploads", { prefix: "uploads/", path: "typed.png", type: "image/png" });
    const { url } = (await answer.json()) as Upload;
    const put = await fetch(url, {
      method: "PUT",
      headers: { "content-type": "text/html" },
      body: "<script>",
    });
    expect(put.status).toBe(403);
  });

  it.each(["notes.txt", "a.jPG", "none"])(
    "gets no URL for %s, for which S3 would send no event",
    async (path) => {
      const response = await post("/uploads", { prefix: "uploads/", path, type: "image/jpeg" });
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({
        error:
          `${path} was not uploaded: its name ends in none of .jpg .jpeg .jfif .jpe .png .webp .gif .avif .tif .tiff ` +
          "(lower case, upper case, or as in .Jpg).",
      });
    },
  );

  it.each([
    ["a prefix that no rule has", "/uploads", { prefix: "manifests/", path: "a.png", type: "image/png" }],
    ["a missing field", "/uploads", { prefix: "uploads/" }],
    ["too many copies", "/deliveries", { key: "uploads/a.png", copies: 1e6, delaySeconds: 0 }],
    ["a missing body", "/deletions", undefined],
  ])("gets an error that explains %s", async (_what, path, body) => {
    const response = await post(path, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error: expect.stringMatching(/^Expected /) });
  });
});

describe("an image", () => {
  const ask = (bucket: string, key: string) =>
    fetch(`${studio.origin}/images/${bucket}?${new URLSearchParams({ key })}`);

  it("is served as an image even if it is not one, and cannot run scripts", async () => {
    const Key = "uploads/page.png";
    const script = {
      Bucket: BUCKETS.uploads,
      Key,
      Body: "<script>alert(1)</script>",
      ContentType: "text/html",
    };
    await pipeline.s3.send(new PutObjectCommand(script));
    const { headers } = await ask("uploads", Key);
    expect(Object.fromEntries(headers)).toMatchObject({
      "content-type": "image/png",
      "content-security-policy": "default-src 'none'; sandbox",
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "same-origin",
    });
  });

  it("without a suffix is served as the format of its bytes", async () => {
    const Key = "uploads/4f0c2b1e";
    await pipeline.s3.send(new PutObjectCommand({ Bucket: BUCKETS.uploads, Key, Body: await png() }));
    const image = await ask("uploads", Key);
    expect(image.headers.get("content-type")).toBe("image/png");
    expect(Buffer.from(await image.arrayBuffer())).toEqual(Buffer.from(await png()));
  });

  it.each([
    ["without an image's name", "thumbnails", "manifests/uploads/page.png.json"],
    ["that does not exist", "uploads", "uploads/none.png"],
    ["in another bucket", "other", "uploads/page.png"],
  ])("%s is not found", async (_what, bucket, key) => {
    expect((await ask(bucket, key)).status).toBe(404);
  });
});

it("sends the whole view to a page that connects", async () => {
  const { body } = await fetch(`${studio.origin}/events`);
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = (await reader?.read()) ?? {};
  await reader?.cancel();
  const change: Change = JSON.parse(value.replace("data: ", ""));
  expect(change).toMatchObject({ type: "view", view: { config: { file: "thumbsmith.config.ts" } } });
});

it("lists from the buckets what an earlier run made", async () => {
  const key = "uploads/kept.png";
  await pipeline.s3.send(new PutObjectCommand({ Bucket: BUCKETS.uploads, Key: key, Body: await png() }));
  await made(key);
  const listed = (await listSources(pipeline.s3, config)).find((candidate) => candidate.key === key);
  const { phases: _, ...known } = source(key) as Source;
  expect(listed).toEqual({ ...known, uploadedAt: expect.any(Number) });
});
