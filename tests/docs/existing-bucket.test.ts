import { readFile } from "node:fs/promises";
import path from "node:path";
import { defineConfig, eventPattern } from "@thumbsmith/shared";
import { expect, it } from "vitest";
import { usageOfCheck } from "../../packages/cli/src/backfill/price.ts";
import { billOf } from "../../packages/cli/src/cost/bill.ts";
import { ASSUMED_MILLISECONDS, usageOfImages } from "../../packages/cli/src/cost/usage.ts";
import { count, dollars } from "../../packages/cli/src/terminal/print.ts";
import { eventBridgeAdvice } from "../../packages/cli/src/verify/existing-bucket.ts";
import thumbsmith from "../../thumbsmith.config.ts";
import { root } from "./fields.ts";
import { code, expectSections, table } from "./sections.ts";

const IMAGES = 1_000_000;
/** Parts of the bucket that a backfill lists by itself: packages/cli/src/backfill/lanes.ts. */
const LANES = 62;

const bill = billOf([
  ...usageOfCheck(IMAGES, LANES, 0),
  ...usageOfImages(thumbsmith, IMAGES, ASSUMED_MILLISECONDS),
]);

it("docs/existing-bucket.md has the price, the rule and the commands as they are (vitest -u writes them)", async () => {
  const page = path.join(root, "docs/existing-bucket.md");
  expect(await readFile(page, "utf8")).toContain(`for about ${Math.round(bill.total)} dollars`);
  const rows = bill.lines.map(({ item, quantity, price, dollars: amount, how }) => [
    ...[item, `${count(Math.round(quantity * 100) / 100)} ${price.unit}`, dollars(amount), how],
  ]);
  await expectSections(page, {
    eventbridge: code("sh", commands().join("\n")),
    pattern: code("json", pattern()),
    backfill: `${table(
      ["item", "quantity", "dollars", "how it is derived"],
      [...rows, ["**total**", "", `**${dollars(bill.total)}**`, `list prices of ${bill.pricesOf}`]],
    )}`,
  });
});

/** Lists of names in one line. */
function pattern(): string {
  const text = JSON.stringify(JSON.parse(eventPattern("your-bucket", thumbsmith.rules)), null, 2);
  return text.replaceAll(
    /\[\s+("[^"]*"(?:,\s+"[^"]*")*)\s+\]/g,
    (_, names: string) => `[${names.replaceAll(/\s+/g, " ")}]`,
  );
}

/** The lines of the advice that are to be typed. */
function commands(): string[] {
  const [expected, found] = ["to EventBridge", "not to EventBridge"];
  const off = { id: "uploads.notification", result: "differs" as const, expected, found };
  const advice = eventBridgeAdvice([off], "your-bucket") ?? "";
  return advice.split("\n").flatMap((line) => (line.startsWith("  ") ? [line.trim()] : []));
}

it("takes as long as the page says", () => {
  const hours = (concurrency: number) => (IMAGES * ASSUMED_MILLISECONDS) / concurrency / (60 * 60 * 1_000);
  expect(thumbsmith.limits.concurrency).toBe(10);
  expect(hours(10)).toBeCloseTo(7, 0);
  expect(hours(50)).toBeCloseTo(1.4, 1);
  // What the page gives as the configuration is one.
  defineConfig({ rules: thumbsmith.rules, limits: { concurrency: 50 } });
});
