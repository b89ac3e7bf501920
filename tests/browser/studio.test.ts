import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { GetQueueUrlCommand, SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { BUCKETS, QUEUES } from "@thumbsmith/local";
import type { ConfigInput } from "@thumbsmith/shared";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { deleteBucket } from "../../packages/aws-local/test/contract/clean-up.ts";
import { ROOT } from "../pipeline/run.ts";
import { describeInBrowser } from "./chromium.ts";
import { card, drop, inspect, naturalSize, openBrowser, openPage } from "./page.ts";
import { type RunningStudio, startStudio } from "./studio.ts";

// A browser is slow while all other tests run.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });
const SOON = { timeout: 30_000 };

const sample = (name: string) => join(ROOT, "samples", name);
const PHOTOS = ["autumn-meadow-baseline.jpg", "forest-stream.webp", "fig-in-bowl-alpha.png"];

const configOf = (...variants: ConfigInput["rules"][number]["variants"]): ConfigInput => ({
  rules: [{ prefix: "uploads/", thumbHash: true, variants }],
});
const THUMBNAILS = { prefix: "thumbnails/", width: 150, height: 150 };

// One page from its first image to its last: each test continues where the last one ended, and is skipped if that failed.
describeInBrowser("the studio", () => {
  let studio: RunningStudio;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    studio = await startStudio(configOf(THUMBNAILS));
    browser = await openBrowser();
    ({ page, complaints } = await openPage(browser, studio.origin));
  });

  afterAll(async () => {
    await browser?.close();
    await studio?.stop();
  });

  let broken = false;
  beforeEach(({ skip }) => skip(broken, "the test before it failed"));
  afterEach(({ task }) => {
    broken ||= task.result?.state === "fail";
  });

  const thumbnail = (name: string) => card(page, name).getByRole("img", { name: /^Thumbnail/ });
  const press = (name: string, button: string) =>
    card(page, name)
      .getByRole("button", { name: `${button}: ${name}`, exact: true })
      .click();
  /** Waits for what a screen reader would announce. */
  const says = (text: string) => page.getByRole("log").getByText(text).last().waitFor({ state: "attached" });
  const queueUrl = async () =>
    (await studio.sqs.send(new GetQueueUrlCommand({ QueueName: QUEUES.main }))).QueueUrl;
  const events = () => page.getByRole("complementary", { name: "Events" });
  const eventsShow = (text: string | RegExp, times = 1) =>
    expect.poll(() => events().getByText(text).count(), SOON).toBe(times);

  it("says what to do while there are no images", async () => {
    await page.getByRole("heading", { name: "Drop images or a folder here" }).waitFor();
    await inspect(page, "empty");
  });

  it("makes thumbnails of three images that are dropped on it", async () => {
    await drop(page, ...PHOTOS.map(sample));
    for (const photo of PHOTOS) expect(await naturalSize(thumbnail(photo))).toEqual([150, 150]);
    await says("forest-stream.webp: 1 thumbnail made");
    await eventsShow(/^1 thumbnail made in \d+ ms\.$/, 3);
    await inspect(page, "made");
  });

  it("shows them again after a reload", async () => {
    await page.reload();
    for (const photo of PHOTOS) expect(await naturalSize(thumbnail(photo))).toEqual([150, 150]);
  });

  it("shows the ThumbHash of the manifest until the thumbnail has loaded", async () => {
    let answer = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route("**/images/thumbnails?*", (route) => held.then(() => route.continue()));
    // A page counts as loaded only once its images are.
    await page.reload({ waitUntil: "commit" });
    const blur = card(page, "autumn-meadow-baseline.jpg").locator("canvas");
    await blur.waitFor();
    // Reads a copy: Chromium warns about a canvas that is read more than once.
    const alpha = () =>
      page.evaluate<number>(`
        const canvas = document.querySelector("article canvas");
        const pixel = new OffscreenCanvas(1, 1).getContext("2d");
        pixel.drawImage(canvas, -canvas.width / 2, -canvas.height / 2);
        pixel.getImageData(0, 0, 1, 1).data[3];
      `);
    await expect.poll(alpha, SOON).toBe(255);
    answer();
    await blur.waitFor({ state: "detached" });
    await page.unroute("**/images/thumbnails?*");
  });

  it("can be used with only a keyboard", async () => {
    await page.reload();
    await card(page, "forest-stream.webp").waitFor();
    const focused = page.locator(":focus");
    await page.keyboard.press("Tab");
    expect(await focused.textContent()).toBe("Skip to the images");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    expect(await focused.textContent()).toBe("Follow");
    await page.keyboard.press("Enter");
    expect(await focused.getAttribute("aria-pressed")).toBe("true");
    await events()
      .getByText(/^Following /)
      .waitFor();
    await page.keyboard.press("Enter");
    await events()
      .getByText(/^Following /)
      .waitFor({ state: "detached" });
  });

  it("explains why an image is rejected", async () => {
    await drop(page, sample("not-an-image.jpg"));
    const rejected = card(page, "not-an-image.jpg");
    await rejected.getByText("The file is not an image, or not in a known format.").waitFor();
    await rejected.getByText("check what the application uploads").waitFor();
    await says("not-an-image.jpg: rejected");
    await inspect(page, "rejected");
  });

  it("uploads a folder with its subfolders, and leaves out hidden files", async () => {
    const folder = join(studio.directory, "../holiday");
    await mkdir(join(folder, "day 1"), { recursive: true });
    await copyFile(sample("mountain-trail.avif"), join(folder, "day 1/trail + view.avif"));
    await copyFile(sample("mountain-trail.avif"), join(folder, ".hidden.avif"));
    await sharp(sample("autumn-meadow-baseline.jpg")).resize(300).tiff().toFile(join(folder, "scan.tiff"));
    await drop(page, folder);
    expect(await naturalSize(thumbnail("holiday/day 1/trail + view.avif"))).toEqual([150, 150]);
    await card(page, "holiday/scan.tiff").getByText("Browsers cannot show TIFF.").waitFor();
    expect(await naturalSize(thumbnail("holiday/scan.tiff"))).toEqual([150, 150]);
    expect(await page.getByRole("article").count()).toBe(6);
  });

  it("uploads files from its button, and refuses those that would cause no event", async () => {
    const choosing = page.waitForEvent("filechooser");
    await page.getByRole("button", { name: "Choose images" }).click();
    await (await choosing).setFiles([join(ROOT, "README.md")]);
    const alert = page
      .getByRole("alert")
      .getByText("README.md was not uploaded: its name ends in none of .jpg");
    await alert.waitFor();
    await page.getByRole("button", { name: "Dismiss" }).click();
    await alert.waitFor({ state: "detached" });
  });

  it("uploads an image from the clipboard", async () => {
    await page.evaluate(`
      const canvas = new OffscreenCanvas(320, 200);
      const context = canvas.getContext("2d");
      context.fillStyle = "teal";
      context.fillRect(0, 0, 320, 200);
      canvas.convertToBlob().then((blob) => {
        const clipboardData = new DataTransfer();
        clipboardData.items.add(new File([blob], "image.png", { type: "image/png" }));
        document.dispatchEvent(new ClipboardEvent("paste", { clipboardData }));
      });
    `);
    const pasted = page.getByRole("img", { name: /^Thumbnail: thumbnails\/pasted-\d{8}-\d{6}\.png$/ });
    expect(await naturalSize(pasted)).toEqual([150, 150]);
  });

  it("delivers an event twice and late, which changes nothing", async () => {
    await press("forest-stream.webp", "Deliver twice");
    await eventsShow("Nothing to do: the thumbnails match the newest upload.", 2);
    await press("forest-stream.webp", "Deliver late");
    await eventsShow(/^Waiting until /);
    await eventsShow("Nothing to do: the thumbnails match the newest upload.", 3);
    await inspect(page, "followed", card(page, "forest-stream.webp"));
  });

  it("deletes an image, after which a late event makes nothing", async () => {
    const name = "forest-stream.webp";
    await press(name, "Delete");
    await card(page, name).getByText("Deleted, together with its thumbnails.").waitFor();
    expect(await page.locator(":focus").textContent()).toBe(name);
    await says(`${name}: deleted, together with its thumbnails`);
    await press(name, "Deliver its upload event now");
    await eventsShow("Nothing to do: the source is gone, and so are its thumbnails.");
    await inspect(page, "deleted", card(page, name));
    await page.reload();
    await card(page, PHOTOS[0] ?? "").waitFor();
    expect(await card(page, name).count()).toBe(0);
  });

  it("makes the thumbnails again when the configuration is saved", async () => {
    await studio.configure(
      configOf({ ...THUMBNAILS, width: 120, height: 90 }, { prefix: "covers/", width: 720 }),
    );
    await says("thumbsmith.config.ts was reloaded");
    const name = "autumn-meadow-baseline.jpg";
    await expect.poll(() => thumbnail(name).count(), SOON).toBe(2);
    expect(await naturalSize(thumbnail(name).first())).toEqual([120, 90]);
    expect(await naturalSize(thumbnail(name).last())).toEqual([720, 479]);
    expect(await thumbnail(name).last().boundingBox()).toMatchObject({ width: 720 });
    await inspect(page, "several-variants", card(page, name));
  });

  it("says what is wrong with a configuration, and keeps the previous one", async () => {
    await studio.configure(configOf({ prefix: "thumbnails/", width: 0 }));
    await page.getByText("rules[0].variants[0].width: expected at least 1, found 0").waitFor();
    await inspect(page, "mistake");
    await studio.configure("export default {");
    await page.getByText("found end of file").waitFor();
    await studio.configure(configOf(THUMBNAILS));
    await page.getByRole("heading", { name: "has a mistake" }).waitFor({ state: "detached" });
    expect(await naturalSize(thumbnail("fig-in-bowl-alpha.png"))).toEqual([150, 150]);
  });

  it("uploads to the chosen rule if there are several", async () => {
    const avatars = { prefix: "uploads/avatars/", variants: [{ prefix: "avatars/", width: 96, height: 96 }] };
    const one = configOf(THUMBNAILS);
    await studio.configure({ rules: [...one.rules, avatars] });
    const choice = page.getByLabel("Upload to");
    await choice.selectOption("uploads/avatars/");
    await drop(page, sample("forest-stream.webp"));
    expect(await naturalSize(thumbnail("avatars/forest-stream.webp"))).toEqual([96, 96]);
    await studio.configure(one);
    await choice.waitFor({ state: "detached" });
  });

  it("gives the caption of a narrow image enough room", async () => {
    const narrow = join(studio.directory, "../narrow.png");
    await sharp({ create: { width: 4, height: 300, channels: 3, background: "teal" } })
      .png()
      .toFile(narrow);
    await drop(page, narrow);
    await card(page, "narrow.png")
      .getByRole("img", { name: /^Thumbnail/ })
      .waitFor();
    for (const caption of await card(page, "narrow.png").locator("figcaption").all())
      expect((await caption.boundingBox())?.width).toBeGreaterThan(140);
    await inspect(page, "narrow", card(page, "narrow.png"));
  });

  it("reserves no more space for a thumbnail than its image can fill", async () => {
    await studio.configure(configOf({ prefix: "thumbnails/", width: 1280 }));
    await expect.poll(() => page.locator("article[data-wide]").count(), SOON).toBeGreaterThan(0);
    await expect.poll(() => page.locator("article[data-status=waiting]").count(), SOON).toBe(0);
    await page.evaluate(`
      globalThis.widest = 0;
      new MutationObserver(() => {
        for (const { style } of document.querySelectorAll(".placeholder"))
          widest = Math.max(widest, parseFloat(style.width));
      }).observe(document.body, { subtree: true, childList: true, attributes: true });
    `);
    const pixel = join(studio.directory, "../pixel.png");
    await sharp({ create: { width: 1, height: 1, channels: 3, background: "teal" } })
      .png()
      .toFile(pixel);
    await drop(page, pixel);
    expect(await naturalSize(thumbnail("pixel.png"))).toEqual([1, 1]);
    // An image of unknown size gets a placeholder of 150 pixels.
    expect(await page.evaluate<number>("widest")).toBeLessThanOrEqual(150);
    await studio.configure(configOf(THUMBNAILS));
  });

  it("distinguishes a removed rule from a deleted source", async () => {
    const [rule] = configOf(THUMBNAILS).rules;
    await studio.configure({ rules: [{ ...rule, prefix: "photos/", variants: [THUMBNAILS] }] });
    await expect
      .poll(
        () => events().getByText("No rule matches it any more: its thumbnails were removed.").count(),
        SOON,
      )
      .toBeGreaterThan(0);
    await studio.configure(configOf(THUMBNAILS));
    expect(await naturalSize(thumbnail("narrow.png"))).toEqual([4, 4]);
  });

  it("says which files were not uploaded while the server is down, and shows all images when it is back", async () => {
    const name = "uploads/narrow.png";
    await page.route(/images\/uploads/, (route) => route.abort());
    await page.reload();
    await card(page, "narrow.png").getByText("The browser cannot decode").waitFor();
    await studio.restart(async () => {
      await page.getByText("Not connected: is pnpm local running?").waitFor();
      await drop(page, ...PHOTOS.map(sample));
      for (const photo of PHOTOS) {
        const sentence = `${photo} was not uploaded. The studio does not answer: is pnpm local running?`;
        await page.getByRole("alert").getByText(sentence).waitFor();
      }
      await inspect(page, "gone");
      await page.unroute(/images\/uploads/);
    });
    await page.getByText("Live", { exact: true }).waitFor();
    expect(await naturalSize(page.getByRole("img", { name: `Original: ${name}` }))).toEqual([4, 300]);
    await page.getByRole("button", { name: "Dismiss" }).click();
    complaints.splice(0);
  });

  it("shows what failed for good and why, and retries it", async () => {
    const { s3, sqs } = studio;
    const QueueUrl = await queueUrl();
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: "1" } }));
    for (const article of await page.getByRole("article").all()) {
      await article.getByRole("button", { name: "Delete" }).click();
      await article.getByText("Deleted, together").waitFor();
    }
    await events().getByRole("button", { name: "Stop following" }).click();
    await deleteBucket(s3, BUCKETS.thumbnails);
    await drop(page, sample("two-spaniels-exif-rotated.jpg"));
    const letters = page.getByRole("region", { name: "1 dead letter" });
    await letters.getByText("A bucket does not exist.").waitFor();
    await inspect(page, "dead-letters");
    await s3.send(new CreateBucketCommand({ Bucket: BUCKETS.thumbnails }));
    await letters.getByRole("button", { name: "Redrive" }).click();
    await letters.waitFor({ state: "detached" });
    expect(await naturalSize(thumbnail("two-spaniels-exif-rotated.jpg"))).toEqual([150, 150]);
  });

  it("prints nothing on the console, and contacts no other host", () => {
    expect(complaints).toEqual([]);
  });
});
