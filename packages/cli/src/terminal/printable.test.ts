import type { Report } from "@thumbsmith/functions";
import { ThumbsmithError } from "@thumbsmith/shared";
import { describe, expect, it } from "vitest";
import { listed } from "./print.ts";
import { printable, printableLines } from "./printable.ts";
import { line, table } from "./results.ts";

/** It ends the line, clears the screen in two ways, and reverses the rest. */
const HOSTILE = "a\nb\u001b[2J\u009b2J\u202egpj.exe";
const WRITTEN = "a\\u000ab\\u001b[2J\\u009b2J\\u202egpj.exe";

describe("printable", () => {
  it.each([
    ["a newline", "a\nb", "a\\u000ab"],
    ["a carriage return", "a\rb", "a\\u000db"],
    ["an escape sequence", "\u001b[31m", "\\u001b[31m"],
    ["an escape sequence of one character", "\u009b31m", "\\u009b31m"],
    ["delete", "\u007f", "\\u007f"],
    ["a line separator", "a\u2028b", "a\\u2028b"],
    ["an override of the direction", "\u202eabc\u2069", "\\u202eabc\\u2069"],
  ])("writes %s as an escape", (_, text, expected) => {
    expect(printable(text)).toBe(expected);
  });

  it.each(["uploads/a b+é.JPG", "uploads/👩‍🚀.webp", "uploads/تصویر.jpg", "uploads/\\u000a.jpg"])(
    "leaves %s as it is",
    (key) => {
      expect(printable(key)).toBe(key);
    },
  );

  it("keeps the value and the lines of JSON", () => {
    const json = JSON.stringify({ key: HOSTILE }, null, 2);
    expect(printableLines(json)).not.toMatch(/[\u001b\u009b\u202e]/);
    expect(JSON.parse(printableLines(json))).toEqual({ key: HOSTILE });
  });
});

describe("a key with control characters", () => {
  const failed = new ThumbsmithError("network", `The connection failed at ${HOSTILE}.`);
  const report: Report = { job: { key: HOSTILE, event: "ObjectCreated:Put" }, error: failed };
  const result = { path: HOSTILE, key: HOSTILE, bytes: 1, milliseconds: 1 };
  const output = { key: HOSTILE, format: "png", width: 1, height: 1, bytes: 1 } as const;

  it("stays on one line of pnpm local", () => {
    expect(line(report)).toBe(`✗ ${WRITTEN}  failed, network: The connection failed at ${WRITTEN}.`);
  });

  it.each([
    ["with thumbnails", { ...result, result: "made", outputs: [output] }, 2],
    ["without thumbnails", { ...result, result: "failed", reason: HOSTILE, outputs: [] }, 1],
  ] as const)("stays on one line of pnpm demo's table, %s", (_, row, lines) => {
    const text = table([{ ...row, outputs: [...row.outputs] }]);
    expect(text).toContain(WRITTEN);
    expect(text.split("\n")).toHaveLength(lines);
  });

  it("stays on one line of a list", () => {
    expect(listed("Gone", [HOSTILE])).toEqual(["Gone:", `  ${WRITTEN}`]);
  });
});
