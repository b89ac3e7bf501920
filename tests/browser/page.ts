import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import axe from "axe-core";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import sharp from "sharp";
import { expect } from "vitest";
import { ROOT } from "../pipeline/run.ts";
import { chromiumPath } from "./chromium.ts";

export async function openBrowser(): Promise<Browser> {
  // Debian's sandbox does not start for root, the user in CI.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath: chromiumPath, args });
}

/** A page, and its complaints: messages on the console, and requests to another host. */
export async function openPage(
  browser: Browser,
  origin: string,
): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
  page.setDefaultTimeout(30_000);
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol !== "blob:" && hostname !== "127.0.0.1") complaints.push(`It requested ${request.url()}`);
  });
  await page.goto(origin);
  return { page, complaints };
}

/** The card of an image. */
export function card(page: Page, name: string): Locator {
  return page.getByRole("article", { name, exact: true });
}

/** Drops files and folders on the page, as a person does from a file manager. */
export async function drop(page: Page, ...files: string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    await session.send("Input.dispatchDragEvent", { type, x: 400, y: 200, data });
  }
  await session.detach();
}

/** Waits until an image has loaded, and returns its size in its own pixels. */
export async function naturalSize(image: Locator): Promise<[number, number]> {
  await image.waitFor();
  return image.evaluate(async (element) => {
    const img = element as unknown as {
      decode(): Promise<void>;
      naturalWidth: number;
      naturalHeight: number;
    };
    await img.decode();
    return [img.naturalWidth, img.naturalHeight];
  });
}

const VIEWS = [1280, 390].flatMap((width) =>
  (["light", "dark"] as const).map((colorScheme) => ({ width, colorScheme })),
);

/** The height of a window of each width. */
const HEIGHT = 900;

/**
 * Checks the page as it is now, wide and narrow, light and dark: nothing overflows, and axe finds nothing. With
 * SCREENSHOTS=1 it also writes the screenshots of docs/studio.md.
 * @param shown what the screenshot must show, if not the top of the page
 */
export async function inspect(page: Page, state: string, shown = page.locator("body")): Promise<void> {
  for (const { width, colorScheme } of VIEWS) {
    await page.setViewportSize({ width, height: HEIGHT });
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    expect(await violations(page), `${state}, ${width} px, ${colorScheme}`).toEqual([]);
    const overflow = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
    expect(overflow, `pixels beyond ${width}`).toBeLessThanOrEqual(0);
    await shown.evaluate((element) => (element as unknown as { scrollIntoView(): void }).scrollIntoView());
    if (process.env.SCREENSHOTS) await shoot(page, `${state}-${width}-${colorScheme}.webp`);
  }
  await page.setViewportSize({ width: 1280, height: HEIGHT });
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate<{ id: string; nodes: { html: string }[] }[]>(
    "axe.run().then(({ violations }) => violations)",
  );
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

/** Writes the screenshot, if the documentation shows it. */
async function shoot(page: Page, name: string): Promise<void> {
  const shown = (await readFile(join(ROOT, "docs/studio.md"), "utf8")).includes(`images/studio/${name}`);
  if (!shown) return;
  const folder = join(ROOT, "docs/images/studio");
  await mkdir(folder, { recursive: true });
  await sharp(await page.screenshot())
    .webp({ quality: 65, effort: 6 })
    .toFile(join(folder, name));
}
