import { readFile } from "node:fs/promises";
import { chromium } from "playwright-core";
import { chromiumPath } from "../../browser/chromium.ts";

export interface Viewer {
  /** Whether the browser shows a file as an image, at least partly. */
  shows(path: string): Promise<boolean>;
  close(): Promise<void>;
}

/** Opens Chromium, which loads files as an `<img>` does. @returns undefined if it is not installed */
export async function openViewer(): Promise<Viewer | undefined> {
  if (!chromiumPath) return undefined;
  // Debian's sandbox does not start for root.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const browser = await chromium.launch({ executablePath: chromiumPath, args });
  const page = await browser.newPage();
  return {
    async shows(path) {
      const base64 = (await readFile(path)).toString("base64");
      return page.evaluate<boolean>(`(async () => {
        const image = new Image();
        image.src = "data:application/octet-stream;base64,${base64}";
        return image.decode().then(() => image.naturalWidth > 0, () => false);
      })()`);
    },
    close: () => browser.close(),
  };
}
