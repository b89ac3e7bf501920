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

  it("counts the events of a bucket that exists, and no canary that it does not ask for", async () => {
    vi.stubEnv("UPLOADS_BUCKET", "their-pictures");
    const { text } = await cost.run({ ...context, options: { images: 1_000, milliseconds: 200 } });
    expect(text).toMatch(/EventBridge, S3's events +1,000 events .*of the bucket that exists/);
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

  it("takes a variant without loss to store more", () => {
    const { rules, ...rest } = config();
    const variants = [{ ...rules[0]?.variants[0], width: 100, height: 100, format: "webp", lossless: true }];
    const one = { ...rest, rules: [{ ...rules[0], variants }] } as ReturnType<typeof config>;
    expect(usageOfImages(one, 1_000, 100)).toContainEqual({
      item: "S3 storage",
      quantity: 0.02,
      how: "20000 bytes per image: 0.35 per pixel of its variants, 2 without loss",
    });
  });

  it("says that effort may take longer than what it assumes", async () => {
    const file = "examples/every-field/thumbsmith.config.ts";
    const { text } = await cost.run({ ...context, options: { images: 1_000, config: file } });
    expect(text).toContain(
      "assumed; --stage measures it. Your variants' effort and lossless may take many times as long",
    );
  });

  it("asks the queue for nothing only where nothing is there", () => {
    const sqs = (images: number) => usageOfMonth(config(), images, 100).filter(({ item }) => item === "SQS");
    // Five pollers, each every 20 seconds, ask 648,000 times in 30 days.
    expect(sqs(0)).toMatchObject([{ quantity: 648_000 }]);
    expect(sqs(48_000)).toMatchObject([
      {
        quantity: 744_000,
        how: "per image: send, receive and delete, in batches of one; 600,000 more found nothing",
      },
    ]);
    expect(sqs(1_000_000)).toMatchObject([
      { quantity: 3_000_000, how: "per image: send, receive and delete, in batches of one" },
    ]);
  });

  it("says that storage grows, and counts one of a thing in the singular", async () => {
    const { text } = await cost.run({ ...context, options: { images: 1_000, milliseconds: 200 } });
    expect(text).toContain("They are kept, so this item grows by as much every month.");
    expect(text).toMatch(/CloudWatch alarms +1 metric +/);
    expect(text).toMatch(/CloudWatch dashboards +1 dashboard +/);
  });

  it("costs something to have", () => {
    expect(billOf(idleUsage).total).toBeCloseTo(2 + 0.7 + 4.5 + 3 + 0.26, 1);
  });

  it("adds the canary, which costs less than a dollar where there are uploads, unless it is left out", async () => {
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

    it("takes them before its own, and says which", async () => {
      const { text } = await costWith('{ "S3 PUT, LIST": 0.0054, "SQS": 0.5 }');
      expect(text).toMatch(/S3 PUT, LIST +2,000,000 requests +\$0\.0054 per 1,000 +\$10\.80/);
      expect(text).toMatch(/us-east-1, January 2025; of .*prices\.json for S3 PUT, LIST, SQS/);
    });

    it.each([
      ["no JSON", "S3: 1", /Expected JSON in .*prices\.json/],
      ["an item that is none", '{ "S3": 1 }', /prices\.json is not valid:/],
      ["a price that is none", '{ "SQS": -1 }', /SQS: expected at least 0, found -1/],
    ])("refuses %s", async (_, text, sentence) => {
      await expect(costWith(text)).rejects.toThrow(sentence);
    });
  });
});
