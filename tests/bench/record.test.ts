import { expect, it } from "vitest";
import { filled } from "./record.ts";

it("fills a section and leaves the rest of the page", () => {
  const page = "# Title\n<!-- core -->\nold\n<!-- end of core -->\nwords\n";
  expect(filled(page, { core: "new" })).toBe("# Title\n<!-- core -->\nnew\n<!-- end of core -->\nwords\n");
});

it("says which section is missing from the page", () => {
  expect(() => filled("# Title", { core: "new" })).toThrow('Expected "<!-- core -->"');
});
