import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { codes, isRejection, ThumbsmithError } from "./errors.ts";

const rejected = new ThumbsmithError("not-an-image", "Expected a jpeg, found text.");
const failed = new ThumbsmithError("network", "The connection broke.", { cause: new Error("ECONNRESET") });

describe("an error", () => {
  it.each([
    ["the source's fault", rejected, "rejected", true],
    ["ours or AWS's", failed, "failed", false],
  ])("that is %s gets its kind from its code", (_, error, kind, isOfSource) => {
    expect(error.kind).toBe(kind);
    expect(isRejection(error)).toBe(isOfSource);
  });

  it("keeps its cause", () => {
    expect(failed.cause).toMatchObject({ message: "ECONNRESET" });
  });

  it("of another class is not a rejection", () => {
    expect(isRejection(new Error("not-an-image"))).toBe(false);
  });
});

it("docs/operations.md has every code, and what to do about it (vitest -u writes them)", async () => {
  const file = join(import.meta.dirname, "../../../docs/operations.md");
  const document = await readFile(file, "utf8");
  const rows = Object.entries(codes).map(([code, { kind, meaning, action }]) => [
    `\`${code}\``,
    kind,
    meaning,
    action,
  ]);
  const table = [["code", "kind", "meaning", "what to do"], Array(4).fill("---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
  const written = document.replace(
    /<!-- codes -->[\s\S]*<!-- \/codes -->/,
    () => `<!-- codes -->\n${table}\n<!-- /codes -->`,
  );
  expect(written).toContain(table);
  await expect(written).toMatchFileSnapshot(file);
});
