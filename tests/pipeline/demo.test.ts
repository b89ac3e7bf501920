import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Manifest } from "@thumbsmith/shared";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { ROOT, run } from "./run.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "thumbsmith-demo-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const demo = (...args: string[]) => run(["demo", ...args, "--directory", join(directory, "demo")]);
const thumbnail = (key: string) => join(directory, "demo/thumbnails-bucket", key);
const manifest = async (key: string) => z.parse(Manifest, JSON.parse(await readFile(thumbnail(key), "utf8")));

describe("pnpm demo", () => {
  it("makes a thumbnail of every sample photo, and says why one has none", async () => {
    const { exit, output } = demo();
    expect(await exit).toBe(0);
    expect(output()).toContain("thumbnails/forest-stream.webp");
    expect(output()).toContain("✗ uploads/not-an-image.jpg  not-an-image: Expected one of jpeg,");
    expect(output()).toMatch(/uploads\/dandelion-12mp-progressive\.jpg +700 kB +12\.03 +→/);

    const odd = await sharp(await readFile(thumbnail("thumbnails/a b+é.JPG"))).metadata();
    expect(odd).toMatchObject({ format: "jpeg", width: 150, height: 150 });
    expect(await manifest("manifests/uploads/a b+é.JPG.json")).toMatchObject({
      outcome: "made",
      source: { key: "uploads/a b+é.JPG", format: "jpeg", width: 2000, height: 2998 },
      outputs: [{ key: "thumbnails/a b+é.JPG", format: "jpeg", width: 150, height: 150 }],
    });
    expect(await manifest("manifests/uploads/not-an-image.jpg.json")).toMatchObject({
      outcome: "rejected",
      reason: { code: "not-an-image" },
    });

    const sheet = await readFile(join(directory, "demo/contact-sheet.html"), "utf8");
    expect(sheet).toContain("10 of 11 sources have thumbnails");
    expect(sheet).toContain((await readFile(thumbnail("thumbnails/a b+é.JPG"))).toString("base64"));
    expect(sheet).not.toMatch(/(src|href)="(?!data:)/);
  });

  it("makes them by all rules of the given configuration, or by one", async () => {
    const photo = join(ROOT, "samples/forest-stream.webp");
    const config = ["--config", join(ROOT, "examples/several-rules/thumbsmith.config.ts")];
    const made = ["thumbnails", "avatars/small", "avatars/large", "covers/wide"].map((folder) =>
      thumbnail(`${folder}/forest-stream.webp`),
    );
    expect(await demo(photo, ...config).exit).toBe(0);
    expect(made.map((file) => existsSync(file))).toEqual([true, true, true, true]);
    expect(await demo(photo, ...config, "--rule", "uploads/avatars/").exit).toBe(0);
    expect(made.map((file) => existsSync(file))).toEqual([false, true, true, false]);
  });

  it("turns a photo upright by its EXIF orientation", async () => {
    const photo = join(directory, "sideways.jpg");
    // Stored with red on the left, blue on the right. Orientation 6 turns the left to the top.
    const stored = { width: 400, height: 400, channels: 3 as const, background: "red" };
    const blue = { width: 200, height: 400, channels: 3 as const, background: "blue" };
    await sharp({ create: stored })
      .composite([{ input: { create: blue }, left: 200, top: 0 }])
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toFile(photo);
    expect(await demo(photo).exit).toBe(0);
    const { data, info } = await sharp(await readFile(thumbnail("thumbnails/sideways.jpg")))
      .raw()
      .toBuffer({ resolveWithObject: true });
    const pixel = (x: number, y: number) => [
      ...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3),
    ];
    const [top, bottom] = [pixel(20, 10), pixel(20, 140)];
    expect(top[0]).toBeGreaterThan(240);
    expect(top[2]).toBeLessThan(15);
    expect(bottom[2]).toBeGreaterThan(240);
    expect(bottom[0]).toBeLessThan(15);
  });

  it("takes your own files and folders, and says what it skipped", async () => {
    const folder = join(directory, "photos");
    await mkdir(join(folder, "deep"), { recursive: true });
    await copyFile(join(ROOT, "samples/paint-brushes-display-p3.jpg"), join(folder, "deep/one.jpg"));
    await writeFile(join(folder, "notes.txt"), "not a photo");
    const { exit, output } = demo(folder, join(ROOT, "samples/dandelion-zoom.gif"));
    expect(await exit).toBe(0);
    expect(existsSync(thumbnail("thumbnails/deep/one.jpg"))).toBe(true);
    expect(existsSync(thumbnail("thumbnails/dandelion-zoom.gif.png"))).toBe(true);
    expect(output()).toContain("notes.txt was skipped: its name ends in none of .jpg .jpeg");
  });

  it("gives a reason for every rejected file, and succeeds", async () => {
    const photo = (name: string) => join(directory, name);
    await writeFile(photo("empty.jpg"), "");
    await copyFile(join(ROOT, "samples/autumn-meadow-baseline.jpg"), photo("truncated.jpg"));
    await truncate(photo("truncated.jpg"), 200_000);
    await writeFile(photo("huge.png"), "");
    await truncate(photo("huge.png"), 60_000_000);
    const { exit, output } = demo(photo("empty.jpg"), photo("truncated.jpg"), photo("huge.png"));
    expect(await exit).toBe(0);
    expect(output()).toContain(
      "✗ uploads/empty.jpg  empty-file: Expected an image, found an object of 0 bytes.",
    );
    expect(output()).toContain("✗ uploads/truncated.jpg  corrupt-image: Expected a whole jpeg");
    expect(output()).toContain(
      "✗ uploads/huge.png  too-many-bytes: Expected at most 50000000 bytes, found 60000000.",
    );
  });

  it("shows thumbnails whose keys cannot be file names in the bucket's folder", async () => {
    const photo = join(ROOT, "samples/autumn-meadow-baseline.jpg");
    const folder = join(directory, "photos");
    await mkdir(join(folder, "folder.jpg"), { recursive: true });
    for (const name of ["new\nline.jpg", "folder.jpg/one.jpg"]) await copyFile(photo, join(folder, name));
    await copyFile(photo, join(directory, "folder.jpg"));
    const { exit, output } = demo(folder, join(directory, "folder.jpg"));
    expect(await exit).toBe(0);
    expect(output()).toContain("thumbnails/new\\u000aline.jpg");
    const sheet = await readFile(join(directory, "demo/contact-sheet.html"), "utf8");
    expect(sheet).toContain("3 of 3 sources have thumbnails");
    expect(sheet.match(/data:image\/jpeg/g)).toHaveLength(3);
  });

  it.each([
    ["a missing path", ["nowhere.jpg"], "Expected a file or a folder at"],
    ["a file of another kind", ["package.json"], "its name ends in none of .jpg"],
    ["an unknown option", ["--nonsense"], "unknown option '--nonsense'"],
  ])("exits with 2 and a message for %s", async (_, args, sentence) => {
    const { exit, output } = demo(...args);
    expect(await exit).toBe(2);
    expect(output()).toContain(sentence);
    expect(output()).not.toMatch(/^ +at /m);
  });

  it("does not delete a folder that was not made by a demo", async () => {
    await mkdir(join(directory, "demo/uploads-bucket"), { recursive: true });
    await writeFile(join(directory, "demo/uploads-bucket/precious.jpg"), "mine");
    const { exit, output } = demo();
    expect(await exit).toBe(2);
    expect(output()).toContain("was not made by a demo, and would be deleted. Choose another --directory.");
    expect(existsSync(join(directory, "demo/uploads-bucket/precious.jpg"))).toBe(true);
  });
});
