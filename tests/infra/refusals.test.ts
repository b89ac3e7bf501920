import { fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { expectedRefusals } from "./refusals/expected.ts";

let messages: string[];
beforeAll(async () => {
  const child = fork(path.join(import.meta.dirname, "refusals/process.ts"), {
    execArgv: ["--import", "tsx"],
    silent: true,
  });
  [messages] = await once(child, "message");
  child.kill();
}, 120_000);

describe("refuses, with the names of the resources", () => {
  it.each(expectedRefusals)("$what", ({ message }) => {
    expect(messages).toContainEqual(expect.stringMatching(message));
  });
});
