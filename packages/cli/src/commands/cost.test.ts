import { describe, expect, it } from "vitest";
import { config } from "../../test/pipeline.ts";
import { billOf, sum } from "../prices.ts";
import { idleUsage, usageOfImages } from "../usage.ts";
import { cost } from "./cost.ts";
import { preflight } from "./preflight.ts";

const context = {
  args: [],
  signal: new AbortController().signal,
  connect: () => Promise.reject(new Error("No stage")),
};

describe("thumbsmith cost", () => {
  it("prices a month item by item, without an account", async () => {
    const { text, data } = await cost.run({ ...context, options: { images: 1_000_000, milliseconds: 200 } });
    expect(text).toMatch(/S3 PUT, LIST +2,000,000 requests +\$10\.00/);
    expect(text).toMatch(/Lambda compute, arm64 +345,508 GB-seconds +\$4\.61/);
    expect(text).toContain("200 ms of 1769 MB for an image, as you say. Prices of us-east-1, January 2025");
    expect(data).toMatchObject({ images: 1_000_000, milliseconds: 200, memory: 1769 });
  });

  it("counts every variant's write and event", () => {
    const { rules, ...rest } = config();
    const [rule] = rules;
    const variants = [...(rule?.variants ?? []), { ...rule?.variants[0], prefix: "b/" }];
    const two = { ...rest, rules: [{ ...rule, variants }] } as ReturnType<typeof config>;
    expect(usageOfImages(two, 10, 100)).toMatchObject({ "S3 PUT, LIST": 30, "EventBridge, S3's events": 30 });
  });

  it("costs something to have", () => {
    expect(sum(billOf(idleUsage))).toBeCloseTo(1 + 0.6 + 4.5 + 3 + 0.26, 1);
  });
});

describe("thumbsmith preflight", () => {
  it("looks at this machine, and says what is missing", async () => {
    const { data } = await preflight.run({
      ...context,
      options: { local: true, skip: ["artefact", "pnpm"] },
    });
    expect(data).toEqual([
      { id: "node", result: "ok", expected: ">=20.19", found: process.versions.node },
      { id: "sst", result: "ok", expected: "3.19.3", found: "3.19.3" },
      { id: "config", result: "ok", expected: "valid", found: "valid" },
    ]);
  });
});
