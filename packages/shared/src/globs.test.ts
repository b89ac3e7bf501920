import { describe, expect, it } from "vitest";
import { expectedOfGlob, matching } from "./globs.ts";

const matches = (glob: string, path: string) => matching([glob], path) === glob;

describe("a glob", () => {
  it.each([
    ["*/avatars/**", "kim/avatars/a.jpg", true],
    ["*/avatars/**", "kim/avatars/2026/a.jpg", true],
    ["*/avatars/**", "kim/lee/avatars/a.jpg", false],
    ["*/avatars/**", "avatars/a.jpg", false],
    ["*/avatars/**", "kim/Avatars/a.jpg", false],
    ["**/avatars/**", "avatars/a.jpg", true],
    ["**/avatars/**", "kim/lee/avatars/a.jpg", true],
    ["*.jpg", "a.jpg", true],
    ["*.jpg", "b/a.jpg", false],
    ["**/*.jpg", "a.jpg", true],
    ["**/*.{jpg,png}", "b/c/a.png", true],
    ["photo-[0-9]?.jpg", "photo-7x.jpg", true],
    // To S3, the characters that file systems and shells treat as special are ordinary ones.
    ["**", ".hidden", true],
    ["*/a.jpg", ".git/a.jpg", true],
    ["**", "a b/[c] (1)/{d}.jpg", true],
    ["*/a.jpg", "two\nlines/a.jpg", true],
    ["drafts/**", "drafts/two\nlines.jpg", true],
    ["**", "a//b.jpg", true],
    ["a/*/b.jpg", "a\\c/b.jpg", false],
    ["a*/b.jpg", "a\\c/b.jpg", true],
    ["\\[a\\]/*", "[a]/b.jpg", true],
    ["größe/*", "größe/ü.jpg", true],
  ])("%s takes %j: %s", (glob, path, taken) => {
    expect(expectedOfGlob(glob)).toBeUndefined();
    expect(matches(glob, path)).toBe(taken);
  });

  it("is returned, if it is the first that matches", () => {
    expect(matching(["a/**", "**/*.jpg", "**"], "b/c.jpg")).toBe("**/*.jpg");
    expect(matching(["a/**"], "b/c.jpg")).toBeUndefined();
  });

  it("that is allowed is fast for every name", () => {
    const globs = [
      "**/*-*/**/*.jpg",
      "**/*a*/**/*.jpg",
      "**/*/**/*a*.jpg",
      "*-*/*-*/*.jpg",
      "**/{a,aa}{a,aa}*-*/**/b",
    ];
    const names = ["a", "-", "/", "a/", "-/", "a-", "a--/", `${"-".repeat(30)}/`].map((text) =>
      text.repeat(1_000 / text.length),
    );
    expect(globs.map(expectedOfGlob)).toEqual(globs.map(() => undefined));
    for (const glob of globs) {
      for (const name of names) {
        const start = performance.now();
        matches(glob, name);
        // It takes about 10 ms. With one more wildcard, it would take seconds.
        expect(performance.now() - start).toBeLessThan(500);
      }
    }
  });
});
