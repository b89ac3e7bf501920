import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
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

const thumbsmith = (...args: string[]) => run(args);

function run(
  args: string[],
  user: { uid?: number; gid?: number } = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, INIT_CWD: SAMPLES }, ...user };
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
    expect(stdout).toMatch(/a b\+é\.JPG +350 kB +6\.00 +→ +thumbnails\/a b\+é\.JPG +150 × 150/);
    expect(await readdir(join(out, "thumbnails"))).toEqual(["a b+é.JPG", "dandelion-zoom.gif.png"]);
    const odd = await sharp(await readFile(join(out, "thumbnails/a b+é.JPG"))).metadata();
    expect(odd).toMatchObject({ format: "jpeg", width: 150, height: 150 });
  });

  it("makes the rest when one file is not an image, and exits with 1", async () => {
    const { code, stdout, stderr } = await thumbsmith("make", ".", "--out", out, "--json");
    expect(code).toBe(1);
    const results = JSON.parse(stdout) as { key: string; result: string; reason?: string }[];
    expect(results.filter(({ result }) => result === "made")).toHaveLength(10);
    expect(results.find(({ result }) => result === "rejected")).toMatchObject({
      key: "uploads/not-an-image.jpg",
      reason: expect.stringMatching(/^not-an-image: /),
    });
    expect(stderr).toContain("README.md was skipped");
  });

  it("remakes only what has changed, and says how many", async () => {
    const folder = await mkdtemp(join(out, "photos-"));
    for (const name of ["forest-stream.webp", "dandelion-zoom.gif"])
      await cp(join(SAMPLES, name), join(folder, name));
    const make = (...args: string[]) => thumbsmith("make", folder, "--out", join(out, "made"), ...args);
    expect((await make()).stderr).toMatch(
      /2 images: 2 to make, 0 current\.\n.*2 made, 0 current, 0 rejected, 0 failed, in /s,
    );
    expect((await make()).stderr).toMatch(/2 images: 0 to make, 2 current\./);
    await cp(join(SAMPLES, "autumn-meadow-baseline.jpg"), join(folder, "new.jpg"));
    expect((await make()).stderr).toMatch(/3 images: 1 to make, 2 current\./);
    expect((await make("--force")).stderr).toMatch(/3 images: 3 to make, 0 current\./);
  });

  it("remakes everything after a configuration change", async () => {
    const config = join(out, "large.config.ts");
    const make = (...args: string[]) =>
      thumbsmith("make", "forest-stream.webp", "--out", join(out, "made"), ...args);
    expect((await make()).code).toBe(0);
    await writeFile(
      config,
      `import { defineConfig } from "@thumbsmith/shared";
       export default defineConfig({ rules: [{ prefix: "a/", variants: [{ prefix: "thumbnails/", width: 40 }] }] });`,
    );
    expect((await make("--config", config)).stderr).toContain("1 to make");
    const { width } = await sharp(await readFile(join(out, "made/thumbnails/forest-stream.webp"))).metadata();
    expect(width).toBe(40);
  });

  it("never overwrites a file that it did not make, or one that has changed since", async () => {
    const place = join(out, "thumbnails/forest-stream.webp");
    await mkdir(join(out, "thumbnails"));
    await writeFile(place, "a file of the user");
    const make = () => thumbsmith("make", "forest-stream.webp", "--out", out, "--force");
    const { code, stdout } = await make();
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining("exists already") });
    expect(await readFile(place, "utf8")).toBe("a file of the user");
    await rm(place);
    expect((await make()).code).toBe(0);
    await writeFile(place, "changed by hand");
    expect((await make()).code).toBe(1);
    expect(await readFile(place, "utf8")).toBe("changed by hand");
  });

  it("does not make thumbnails of its own thumbnails", async () => {
    const folder = await mkdtemp(join(out, "photos-"));
    await cp(join(SAMPLES, "forest-stream.webp"), join(folder, "a.webp"));
    const make = (from: string) => thumbsmith("make", from, "--out", join(folder, "small"));
    expect((await make(folder)).stderr).toContain("1 image: 1 to make");
    const again = await make(folder);
    expect(again.stderr).toContain("small was skipped: it is the --out folder");
    expect(again.stderr).toContain("1 image: 0 to make, 1 current.");
    expect(await make(join(folder, "small"))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Expected images outside the --out folder"),
    });
  });

  it("says why it skips each file and folder", async () => {
    const folder = await mkdtemp(join(out, "photos-"));
    await cp(join(SAMPLES, "forest-stream.webp"), join(folder, "a.webp"));
    await writeFile(join(folder, ".hidden.jpg"), "");
    await mkdir(join(folder, "inner"));
    await symlink(join(folder, "inner"), join(folder, "to-folder"));
    await symlink(join(folder, "a.webp"), join(folder, "to-file.webp"));
    await symlink(join(folder, "nothing"), join(folder, "to-nothing.jpg"));
    const { stderr } = await thumbsmith("make", folder, join(folder, "inner"), "--out", join(out, "made"));
    expect(stderr).toContain("2 images: 2 to make");
    expect(stderr).toContain("inner was skipped: this folder is empty");
    expect(stderr).toContain(".hidden.jpg was skipped: its name starts with a dot");
    expect(stderr).toContain("to-folder was skipped: it links to a folder");
    expect(stderr).toContain("to-nothing.jpg was skipped: it is a broken link");
  });

  // Root can read everything, so as root the command runs as another user.
  it.skipIf(process.getuid?.() === undefined)(
    "continues past a folder and a file that it cannot read",
    async () => {
      const folder = await mkdtemp(join(out, "photos-"));
      await cp(join(SAMPLES, "forest-stream.webp"), join(folder, "a.webp"));
      await cp(join(SAMPLES, "forest-stream.webp"), join(folder, "locked.webp"));
      await mkdir(join(folder, "locked"));
      await chmod(join(folder, "locked.webp"), 0);
      await chmod(join(folder, "locked"), 0);
      await chmod(out, 0o777);
      await chmod(folder, 0o777);
      const asNobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
      const { code, stdout, stderr } = await run(["make", folder, "--out", join(out, "made")], asNobody);
      expect(stderr).toMatch(/locked was skipped: this folder cannot be read/);
      expect(stdout).toMatch(/✗ .*locked\.webp +file: EACCES/);
      expect(stderr).toContain("1 made, 0 current, 0 rejected, 1 failed");
      expect(code).toBe(1);
    },
  );

  it.each([
    ["no path", ["make", "--out", "x"], "missing required argument 'paths'"],
    [
      "no folder to write to",
      ["make", "forest-stream.webp"],
      "required option '--out <directory>' not specified",
    ],
    [
      "a folder that cannot be created",
      ["make", ".", "--out", "/proc/x"],
      "Expected a folder that can be created for --out, found ENOENT at /proc/x. Choose another.",
    ],
    [
      "a missing configuration",
      ["make", ".", "--out", "x", "--config", "gone.ts"],
      "gone.ts, found no such file",
    ],
    ["an unknown rule", ["make", ".", "--out", "x", "--rule", "a/"], "Expected one of uploads/, found a/."],
    ["a path that is not there", ["make", "gone.jpg", "--out", "x"], "Expected a file or a folder at"],
  ])("exits with 2 and an explanation for %s", async (_, args, sentence) => {
    const { code, stderr } = await thumbsmith(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(sentence);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(existsSync(join(SAMPLES, "x"))).toBe(false);
  });

  it("prints help", async () => {
    const { code, stdout } = await thumbsmith("make", "--help");
    expect(code).toBe(0);
    expect(stdout).toContain("pnpm thumbsmith make ~/Pictures/2026 holiday.jpg --out thumbnails");
  });
});
