import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { S3Client } from "@aws-sdk/client-s3";
import { BUCKETS } from "@thumbsmith/local";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { post, put } from "../../examples/your-application/browser.ts";
import { resultOf, signGet, signPost, signPut } from "../../examples/your-application/handler.ts";
import { ROOT } from "../pipeline/run.ts";
import { describeInBrowser } from "./chromium.ts";
import { openBrowser } from "./page.ts";
import { type RunningStudio, startStudio } from "./studio.ts";

// A browser is slow while all other tests run.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const type = "image/jpeg";

describeInBrowser("the application example", () => {
  let app: Server;
  let studio: RunningStudio;
  let s3: S3Client;
  let browser: Browser;
  let page: Page;
  let photo: Buffer;

  beforeAll(async () => {
    photo = await readFile(`${ROOT}/samples/autumn-meadow-baseline.jpg`);
    app = createServer((_, response) => response.end()).listen(0, "127.0.0.1");
    await vi.waitFor(() => expect(app.listening).toBe(true));
    const origin = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
    studio = await startStudio({
      rules: [{ prefix: "uploads/", variants: [{ prefix: "thumbnails/", width: 150, height: 150 }] }],
      buckets: { corsOrigins: [origin] },
    });
    const { endpoint, region, credentials } = studio.s3.config;
    s3 = new S3Client({
      ...{ endpoint, region, credentials, forcePathStyle: true },
      requestChecksumCalculation: "WHEN_REQUIRED",
    });
    browser = await openBrowser();
    page = await browser.newPage();
    await page.goto(origin);
    // The parts of the example that run in the application's page.
    await page.addScriptTag({ content: `window.put = ${put}; window.post = ${post};` });
    await page.addScriptTag({
      content: `window.file = new Blob([Uint8Array.from(atob("${photo.toString("base64")}"), (c) => c.charCodeAt(0))], { type: "${type}" });`,
    });
  });
  afterAll(async () => {
    await browser?.close();
    s3?.destroy();
    await studio?.stop();
    app?.close();
  });

  it.each(["put", "post"])(
    "uploads with %s from a page of another origin, and shows the thumbnail",
    async (how) => {
      const key = `uploads/kim/${how}.jpg`;
      const address =
        how === "put"
          ? await signPut(s3, BUCKETS.uploads, key, { type, bytes: photo.length })
          : await signPost(s3, BUCKETS.uploads, key, { type });
      await page.evaluate(`${how}(file, ${JSON.stringify(address)})`);
      const manifest = await vi.waitFor(
        async () => {
          const found = await resultOf(s3, BUCKETS.thumbnails, key);
          expect(found).toBeDefined();
          return found;
        },
        { timeout: 30_000 },
      );
      if (manifest?.outcome !== "made")
        throw new Error(`Expected a thumbnail, found ${JSON.stringify(manifest)}.`);
      const [output] = manifest.outputs;
      const url = await signGet(s3, BUCKETS.thumbnails, output?.key ?? "");
      const size = await page.evaluate(`new Promise((resolve) => {
      const image = new Image();
      image.onload = () => resolve([image.naturalWidth, image.naturalHeight]);
      image.src = ${JSON.stringify(url)};
    })`);
      expect(size).toEqual([150, 150]);
      const { dominant } = await sharp(Buffer.from(await (await fetch(url)).arrayBuffer())).stats();
      expect(dominant).toEqual((await sharp(photo).resize(150, 150).stats()).dominant);
    },
  );
});
