import { expect, it } from "vitest";
import { parseEnvironment } from "./environment.ts";

it("reads the buckets and ignores other variables", () => {
  const variables = { UPLOADS_BUCKET: "my-uploads", THUMBNAILS_BUCKET: "my-thumbnails", PATH: "/bin" };
  expect(parseEnvironment(variables)).toEqual({
    UPLOADS_BUCKET: "my-uploads",
    THUMBNAILS_BUCKET: "my-thumbnails",
  });
});

it("names every variable that is missing or wrong", () => {
  expect(() => parseEnvironment({ THUMBNAILS_BUCKET: "My_Bucket" })).toThrow(
    expect.objectContaining({
      code: "invalid-environment",
      message: [
        "The function's environment is not valid:",
        "  UPLOADS_BUCKET: expected a string, found nothing",
        '  THUMBNAILS_BUCKET: expected the name of an S3 bucket, found "My_Bucket"',
      ].join("\n"),
    }),
  );
});
