import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { config } from "../../test/pipeline.ts";
import { billOf } from "../cost/bill.ts";
import { idleUsage, usageOfImages, usageOfMonth } from "../cost/usage.ts";
import { cost } from "./cost.ts";

const context = {
  args: [],
  signal: new AbortController().signal,
  connect: () => Promise.reject(new Error("No stage")),
};

describe("thumbsmith cost", () => {
  it("prices a month item by item, without an account", async () => {
    const { text, data } = await cost.run({ ...context, options: { images: 1_000_000, milliseconds: 200 } });
    expect(text).toContain("A month of 1,000,000 images, each 200 ms of 1769 MB (as you say).");
    expect(text).toMatch(
      /S3 PUT, LIST +2,000,000 requests +\$0\.005 per 1,000 +\$10\.00 +per image: 1 output and a manifest/,
    );
    expect(text).toMatch(
      /Lambda compute, arm64 +345,508 GB-seconds +\$0\.0000133334 +\$4\.61 +200 ms at 1769 MB/,
    );
    expect(text).toContain("List prices of us-east-1, January 2025");
    expect(data).toMatchObject({ images: 1_000_000, milliseconds: 200, memory: 1769 });
  });

  it("adds the events of an existing bucket, and a canary only if asked for", async () => {
    vi.stubEnv("UPLOADS_BUCKET", "their-pictures");
    const { text } = await cost.run({ ...context, options: { images: 1_000, milliseconds: 200 } });
    expect(text).toMatch(/EventBridge, S3's events +1,000 events .*each upload to your existing bucket/);
    expect(text).not.toContain("the canary:");
    vi.stubEnv("CANARY", "true");
    const asked = await cost.run({ ...context, options: { images: 1_000, milliseconds: 200 } });
    expect(asked.text).toContain("the canary:");
    vi.unstubAllEnvs();
  });

  it("counts every variant's write and event", () => {
    const { rules, ...rest } = config();
    const [rule] = rules;
    const variants = [...(rule?.variants ?? []), { ...rule?.variants[0], prefix: "b/" }];
    const two = { ...rest, rules: [{ ...rule, variants }] } as ReturnType<typeof config>;
    const uses = usageOfImages(two, 10, 100);
    const how = "per image: 2 outputs and a manifest";
    expect(uses).toContainEqual({ item: "S3 PUT, LIST", quantity: 30, how });
    expect(uses).toContainEqual({ item: "EventBridge, S3's events", quantity: 30, how });
  });

  it("assumes that a lossless variant takes more storage", () => {
    const { rules, ...rest } = config();
    const variants = [{ ...rules[0]?.variants[0], width: 100, height: 100, format: "webp", lossless: true }];
    const one = { ...rest, rules: [{ ...rules[0], variants }] } as ReturnType<typeof config>;
    expect(usageOfImages(one, 1_000, 100)).toContainEqual({
      item: "S3 storage",
      quantity: 0.02,
      how: "20000 bytes per image: 0.35 per pixel of its variants, 2 if lossless",
    });
  });

  it("warns that effort may take longer than assumed", async () => {
    const file = "examples/every-field/thumbsmith.config.ts";
    const { text } = await cost.run({ ...context, options: { images: 1_000, config: file } });
    expect(text).toContain(
      "assumed; --stage measures it. Your variants set effort or lossless, which may take many times as long",
    );
  });

  it("counts empty polls only when there are more polls than images", () => {
    const sqs = (images: number) => usageOfMonth(config(), images, 100).filter(({ item }) => item === "SQS");
    // Five pollers, each every 20 seconds, ask 648,000 times in 30 days.
    expect(sqs(0)).toMatchObject([{ quantity: 648_000 }]);
    expect(sqs(48_000)).toMatchObject([
      {
        quantity: 744_000,
        how: "per image: send, receive and delete, in batches of one; 600,000 empty polls",
      },
    ]);
    expect(sqs(1_000_000)).toMatchObject([
      { quantity: 3_000_000, how: "per image: send, receive and delete, in batches of one" },
    ]);
  });

  it("says that storage grows, and uses the singular for one", async () => {
    const { text } = await cost.run({ ...context, options: { images: 1_000, milliseconds: 200 } });
    expect(text).toContain("They are kept, so this item grows by the same amount every month.");
    expect(text).toMatch(/CloudWatch alarms +1 metric +/);
    expect(text).toMatch(/CloudWatch dashboards +1 dashboard +/);
  });

  it("has a price without any uploads", () => {
    expect(billOf(idleUsage).total).toBeCloseTo(2 + 0.7 + 4.5 + 3 + 0.26, 1);
  });

  it("adds the canary, at less than a dollar a month with uploads, unless --no-canary is passed", async () => {
    const totalOf = async (canary: boolean) => {
      const { data } = await cost.run({ ...context, options: { images: 1_000, milliseconds: 200, canary } });
      return (data as { total: number }).total;
    };
    expect((await totalOf(true)) - (await totalOf(false))).toBeCloseTo(0.6 + 0.1 + 0.04 + 0.06, 1);
  });

  describe("with a file of prices", () => {
    const images = { images: 1_000_000, milliseconds: 200 };
    const costWith = async (text: string) => {
      const folder = await mkdtemp(join(tmpdir(), "thumbsmith-prices-"));
      const prices = join(folder, "prices.json");
      await writeFile(prices, text);
      return cost
        .run({ ...context, options: { ...images, prices } })
        .finally(() => rm(folder, { recursive: true }));
    };

    it("uses them instead of its own, and says which", async () => {
      const { text } = await costWith('{ "S3 PUT, LIST": 0.0054, "SQS": 0.5 }');
      expect(text).toMatch(/S3 PUT, LIST +2,000,000 requests +\$0\.0054 per 1,000 +\$10\.80/);
      expect(text).toMatch(/us-east-1, January 2025; from .*prices\.json for S3 PUT, LIST, SQS/);
    });

    it.each([
      ["invalid JSON", "S3: 1", /Expected JSON in .*prices\.json/],
      ["an unknown item", '{ "S3": 1 }', /prices\.json is not valid:/],
      ["a negative price", '{ "SQS": -1 }', /SQS: expected at least 0, found -1/],
    ])("refuses %s", async (_, text, sentence) => {
      await expect(costWith(text)).rejects.toThrow(sentence);
    });
  });
});
