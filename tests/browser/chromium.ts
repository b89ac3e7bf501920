import { existsSync } from "node:fs";
import { describe } from "vitest";

const PLACES = process.env.CHROMIUM
  ? [process.env.CHROMIUM]
  : [
      "/usr/bin/chromium",
      "/usr/bin/google-chrome",
      "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ];

/** The browser on this machine. */
export const chromiumPath = PLACES.find((path) => existsSync(path));

/** Tests that need a browser. Without one they are skipped, with advice on how to get one; in CI that is a failure. */
export function describeInBrowser(name: string, tests: () => void): void {
  if (chromiumPath) {
    describe(name, tests);
    return;
  }
  const advice = `Expected Chromium at ${PLACES.join(" or ")}, found none: \`apt-get install chromium\`, or name yours in CHROMIUM.`;
  if (process.env.CI) throw new Error(advice);
  console.warn(`Tests of ${name} are skipped. ${advice}`);
  describe.skip(name, tests);
}
