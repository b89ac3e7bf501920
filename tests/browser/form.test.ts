import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { HeadObjectCommand } from "@aws-sdk/client-s3";
import { createPresignedPost } from "@aws-sdk/s3-presigned-post";
import { BUCKETS } from "@thumbsmith/local";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { ROOT } from "../pipeline/run.ts";
import { describeInBrowser } from "./chromium.ts";
import { openBrowser } from "./page.ts";
import { type RunningStudio, startStudio } from "./studio.ts";

// A browser is slow while all other tests run.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const PHOTO = join(ROOT, "samples/autumn-meadow-baseline.jpg");
/** S3's own placeholder, not a template's. */
const FILENAME = "$" + "{filename}";
const NOT_LARGER_THAN = 10_000_000;

/** An application on another origin. Each test sets its page. */
async function serve(page: () => string): Promise<{ server: Server; origin: string }> {
  const server = createServer((_request, response) => {
    response
      .setHeader("content-type", "text/html")
      .end(`<!doctype html><link rel="icon" href="data:,">${page()}`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describeInBrowser("a form that uploads to the local S3", () => {
  let html = "";
  let app: { server: Server; origin: string };
  let studio: RunningStudio;
  let browser: Browser;

  beforeAll(async () => {
    app = await serve(() => html);
    studio = await startStudio({
      rules: [{ prefix: "uploads/", variants: [{ prefix: "thumbnails/", width: 150 }] }],
      buckets: { corsOrigins: [app.origin] },
    });
    browser = await openBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    await studio?.stop();
    app?.server.close();
  });

  /** Opens a page with a form for this key, as the application's server makes it. */
  async function openForm(Key: string, Fields: Record<string, string> = {}): Promise<Page> {
    const Conditions = [["content-length-range", 1, NOT_LARGER_THAN] satisfies [string, number, number]];
    const options = { Bucket: BUCKETS.uploads, Key, Fields, Conditions: Conditions as never };
    const { url, fields } = await createPresignedPost(studio.s3, options);
    const inputs = Object.entries(fields).map(
      ([name, value]) => `<input type="hidden" name="${name}" value="${value}">`,
    );
    html = `<form action="${url}" method="post" enctype="multipart/form-data">${inputs.join("")}
      <input type="file" name="file"><button>Upload</button></form>`;
    const page = await browser.newPage();
    await page.goto(app.origin);
    await page.locator("input[type=file]").setInputFiles(PHOTO);
    return page;
  }

  const thumbnail = (Key: string) =>
    vi.waitFor(() => studio.s3.send(new HeadObjectCommand({ Bucket: BUCKETS.thumbnails, Key })), {
      timeout: 30_000,
    });

  it("redirects back to the application, and its image gets a thumbnail", async () => {
    const page = await openForm(`uploads/kim/${FILENAME}`, { success_action_redirect: `${app.origin}/done` });
    await page.getByRole("button", { name: "Upload" }).click();
    await page.waitForURL(/\/done\?/);
    expect(new URL(page.url()).searchParams.get("key")).toBe("uploads/kim/autumn-meadow-baseline.jpg");
    await thumbnail("thumbnails/kim/autumn-meadow-baseline.jpg");
    await page.close();
  });

  it("answers a script on an origin in corsOrigins", async () => {
    const page = await openForm("uploads/script.jpg", {
      "Content-Type": "image/jpeg",
      success_action_status: "201",
    });
    const answer = await page.evaluate<[number, string]>(`(async () => {
      const form = document.querySelector("form");
      const response = await fetch(form.action, { method: "POST", body: new FormData(form) });
      return [response.status, await response.text()];
    })()`);
    expect(answer).toEqual([201, expect.stringContaining("<Key>uploads/script.jpg</Key>")]);
    await thumbnail("thumbnails/script.jpg");
    await page.close();
  });
});
