import { notificationBody } from "@thumbsmith/shared";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Operator, startOperator } from "../../test/pipeline.ts";
import { failures } from "./failures.ts";
import { redrive } from "./redrive.ts";
import { status } from "./status.ts";

const body = (key: string, bucket = "uploads-bucket") =>
  notificationBody({ bucket, key, event: "ObjectCreated:Put" });

let operator: Operator;
beforeEach(async () => {
  operator = await startOperator();
});
afterEach(() => operator.stop());

describe("thumbsmith failures", () => {
  it("says when there are none", async () => {
    expect(await operator.ask(failures, { limit: 100 })).toMatchObject({
      found: false,
      text: "No dead letters.",
    });
  });

  it("groups them by error code, lists their keys, and leaves them in the queue", async () => {
    await operator.deadLetter("not an event");
    await operator.deadLetter(body("uploads/a.jpg", "another"));
    for (let i = 0; i < 12; i++) await operator.deadLetter(body(`uploads/${i}.jpg`));
    const first = await operator.ask(failures, { limit: 100 });
    const { groups } = first.data as { groups: { code: string; messages: number; keys: string[] }[] };
    expect(first.found).toBe(true);
    expect(groups.map(({ code, messages }) => [code, messages])).toEqual([
      ["unknown", 12],
      ["invalid-message", 1],
      ["wrong-bucket", 1],
    ]);
    expect(groups[0]?.keys).toContain("uploads/11.jpg");
    expect(first.text).toContain("A message in the queue is not an S3 event.");
    expect(first.text).toContain("The terminal of `pnpm local`, and its page, show the reason.");
    expect(first.text).toContain("and 2 more: see --json");
    expect((await operator.ask(failures, { limit: 100 })).data).toMatchObject({ messages: 14, inHand: 0 });
  });
});

describe("thumbsmith redrive", () => {
  it("puts every dead letter back into the queue", async () => {
    await operator.upload("uploads/a.jpg");
    await operator.drain();
    await operator.remove("manifests/uploads/a.jpg.json");
    await operator.deadLetter(body("uploads/a.jpg"));
    const answer = await operator.ask(redrive, { rate: 100, yes: true });
    expect(answer).toMatchObject({ found: false, data: { matched: 1, sent: 1, left: 0 } });
    await operator.drain();
    expect(await operator.has("manifests/uploads/a.jpg.json")).toBe(true);
    expect(await operator.deadLetters()).toBe(0);
  });

  it.each([
    ["--prefix", { prefix: "uploads/b/" }, 1, 2],
    ["--code", { code: "invalid-message" }, 1, 2],
    ["--dry-run", { dryRun: true }, 3, 3],
  ])("with %s, leaves in the queue what it does not retry", async (_, filter, matched, left) => {
    await operator.deadLetter(body("uploads/a/1.jpg"));
    await operator.deadLetter(body("uploads/b/1.jpg"));
    await operator.deadLetter("not an event");
    const { data } = await operator.ask(redrive, { rate: 100, yes: true, ...filter });
    expect(data).toMatchObject({ matched, left });
    expect((await operator.ask(failures, { limit: 100 })).data).toMatchObject({ messages: left });
  });

  it("loses nothing when the queue refuses the messages", async () => {
    await operator.deadLetter(body("uploads/a.jpg"));
    const target = { ...operator.target, queueUrl: `${operator.endpoint}/000000000000/gone` };
    await expect(operator.askAt(target, redrive, { rate: 100, yes: true })).rejects.toThrow(
      /does not exist/i,
    );
    expect(await operator.deadLetters()).toBe(1);
    const again = await operator.ask(redrive, { rate: 100, yes: true });
    expect(again.data).toMatchObject({ matched: 1, sent: 1 });
  });

  it("refuses to start without --yes when there is no terminal to ask on", async () => {
    await operator.deadLetter(body("uploads/a.jpg"));
    await expect(operator.ask(redrive, { rate: 100 })).rejects.toThrow(
      "There is no terminal to ask on. Pass --yes",
    );
    expect(await operator.deadLetters()).toBe(1);
  });
});

describe("thumbsmith status", () => {
  it("counts waiting messages and dead letters", async () => {
    expect(await operator.ask(status, {})).toMatchObject({
      found: false,
      data: { waiting: 0, deadLetters: 0 },
    });
    await operator.deadLetter("not an event");
    const { found, data, text } = await operator.ask(status, {});
    expect(found).toBe(true);
    expect(data).toMatchObject({ waiting: 0, inHand: 0, deadLetters: 1 });
    expect(text).toContain("pnpm thumbsmith failures");
  });

  it("counts how many of the first uploads have names that no rule accepts", async () => {
    await operator.upload("uploads/odd.jPG");
    await operator.upload("uploads/folder/");
    await operator.upload("uploads/seen.jfif");
    await operator.drain();
    const { data, text } = await operator.ask(status, {});
    const { listed, unaccepted } = (data as { names: { listed: number; unaccepted: number } }).names;
    expect(unaccepted).toBe(1);
    expect(text).toContain(`Of the first ${listed} uploads, 1 has a name or path that no rule reads.`);
  });
});
