import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
const SAMPLES = fileURLToPath(new URL("../../../../samples", import.meta.url));

let out: string;
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), "thumbsmith-make-"));
});
afterEach(() => rm(out, { recursive: true, force: true }));

function thumbsmith(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, INIT_CWD: SAMPLES } };
    const child = execFile(
      process.execPath,
      ["--import", "tsx", MAIN, ...args],
      options,
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

describe("thumbsmith make", () => {
  it("writes thumbnails as files under their keys", async () => {
    const { code, stdout } = await thumbsmith("make", "a b+é.JPG", "dandelion-zoom.gif", "--out", out);
    expect(code).toBe(0);
    expect(stdout).toMatch(/uploads\/a b\+é\.JPG +350 kB +6\.00 +→ +thumbnails\/a b\+é\.JPG +150 × 150/);
    expect(await readdir(join(out, "thumbnails"))).toEqual(["a b+é.JPG", "dandelion-zoom.gif.png"]);
    const odd = await sharp(await readFile(join(out, "thumbnails/a b+é.JPG"))).metadata();
    expect(odd).toMatchObject({ format: "jpeg", width: 150, height: 150 });
  });

  it("makes the rest when one is no image, and ends with 1", async () => {
    const { code, stdout, stderr } = await thumbsmith("make", ".", "--out", out, "--json");
    expect(code).toBe(1);
    const results = JSON.parse(stdout) as { key: string; result: string; reason?: string }[];
    expect(results.filter(({ result }) => result === "made")).toHaveLength(10);
    expect(results.find(({ result }) => result === "rejected")).toMatchObject({
      key: "uploads/not-an-image.jpg",
      reason: expect.stringMatching(/^not-an-image: /),
    });
    expect(stderr).toContain("README.md was left out");
  });

  it.each([
    ["no path", ["make", "--out", "x"], "missing required argument 'paths'"],
    [
      "no folder to write to",
      ["make", "forest-stream.webp"],
      "required option '--out <directory>' not specified",
    ],
    ["an unknown rule", ["make", ".", "--out", "x", "--rule", "a/"], "Expected one of uploads/, found a/."],
    ["a path that is not there", ["make", "gone.jpg", "--out", "x"], "Expected a file or a folder at"],
  ])("ends with 2 and a sentence for %s", async (_, args, sentence) => {
    const { code, stderr } = await thumbsmith(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(sentence);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(existsSync(join(SAMPLES, "x"))).toBe(false);
  });

  it("helps", async () => {
    const { code, stdout } = await thumbsmith("make", "--help");
    expect(code).toBe(0);
    expect(stdout).toContain("pnpm thumbsmith make ~/Pictures/2026 holiday.jpg --out thumbnails");
  });
});
