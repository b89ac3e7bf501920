import { setTimeout as delay } from "node:timers/promises";
import { defineConfig, notificationBody } from "@thumbsmith/shared";
import type { SQSEvent, SQSRecord } from "aws-lambda";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Answer, fails, startStub } from "../test/stub-s3.ts";
import { admission } from "./admission.ts";
import { createSubscriber, type Report } from "./subscriber.ts";

/** Starts decodes of these megabytes at once. @returns the most megabytes in use at a time, and the most decodes */
async function decode(budget: number, megabytes: readonly number[]) {
  const admit = admission(budget);
  let [taken, running] = [0, 0];
  const most = { taken: 0, running: 0 };
  const jobs = megabytes.map((each) =>
    admit(each, async () => {
      taken += Math.min(each, budget);
      running++;
      most.taken = Math.max(most.taken, taken);
      most.running = Math.max(most.running, running);
      await delay(1);
      taken -= Math.min(each, budget);
      running--;
    }),
  );
  await Promise.all(jobs);
  return { ...most, admit };
}

describe("the budget for decodes", () => {
  it.each([
    ["small images fill it together", 100, [10.5, 0.2, 3, 40], 4],
    ["large ones take turns", 100, [60, 60.5, 60], 1],
    ["one that is larger than the budget runs by itself", 100, [500, 1, Number.POSITIVE_INFINITY, 1], 1],
    ["an image that takes nothing is decoded too", 100, [0, 0], 2],
  ])("is never exceeded: %s", async (_, budget, megabytes, together) => {
    const { taken, running } = await decode(budget, megabytes);
    expect(taken).toBeLessThanOrEqual(budget);
    expect(running).toBe(together);
  });

  it("is complete again at the end, although 1319 - 87.14 - 71.12 - 71.99 plus all of them is less than 1319", async () => {
    const { admit } = await decode(1_319, [87.14, 71.12, 71.99]);
    expect(await admit(Number.POSITIVE_INFINITY, async () => "begun")).toBe("begun");
  });

  it("is given back by a decode that fails", async () => {
    const admit = admission(10);
    await expect(admit(10, () => Promise.reject(new Error("damaged")))).rejects.toThrow("damaged");
    expect(await admit(10, async () => "begun")).toBe("begun");
  });
});

describe("the end of the invocation's time", () => {
  afterEach(() => vi.restoreAllMocks());

  /** Handles ten messages, with an S3 that gives this answer. */
  async function handle(answer: Answer, milliseconds: number) {
    const stub = await startStub(answer);
    const reports: Report[] = [];
    const handler = createSubscriber({
      config: defineConfig({
        rules: [{ prefix: "uploads/", variants: [{ prefix: "thumbnails/", width: 9 }] }],
      }),
      environment: { UPLOADS_BUCKET: "uploads", THUMBNAILS_BUCKET: "thumbnails" },
      client: stub.client,
      report: (report) => reports.push(report),
    });
    const Records = Array.from({ length: 10 }, (_, i) => ({
      messageId: `m${i}`,
      body: notificationBody({ bucket: "uploads", key: `uploads/${i}.jpg`, event: "ObjectCreated:Put" }),
    }));
    const event: SQSEvent = { Records: Records as SQSRecord[] };
    const begun = performance.now();
    const answered = await handler(event, { getRemainingTimeInMillis: () => milliseconds });
    const took = performance.now() - begun;
    await stub.stop();
    const codes = reports.map(({ error }) => error?.code);
    return { failed: answered.batchItemFailures.length, codes, took, requests: stub.requests.length };
  }
  const tenTimes = <T>(value: T) => Array.from({ length: 10 }, () => value);
  const hang: Answer = () => {};

  it("prevents jobs from starting when too little time is left, and all are reported", async () => {
    const { failed, codes, requests } = await handle(hang, 5_900);
    expect({ failed, codes, requests }).toEqual({ failed: 10, codes: tenTimes("out-of-time"), requests: 0 });
  });

  it.each<[string, Answer]>([
    ["S3 does not answer", hang],
    ["S3 keeps asking for fewer requests", fails(503, "SlowDown")],
  ])("comes after the answer, even if %s", async (_, answer) => {
    // A timeout of a second takes ten milliseconds here.
    const timeout = AbortSignal.timeout.bind(AbortSignal);
    const spy = vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => timeout(ms / 100));
    vi.spyOn(Math, "random").mockReturnValue(0.99);
    const { failed, codes, took } = await handle(answer, 10_000);
    expect({ failed, codes }).toEqual({ failed: 10, codes: tenTimes("out-of-time") });
    expect(spy.mock.calls[0]?.[0]).toBeLessThanOrEqual(9_000);
    expect(took).toBeLessThan(1_000);
  });
});
