import * as z from "zod/mini";
import { parse } from "./validation.ts";

export const BucketName = z
  .string()
  .check(z.regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "the name of an S3 bucket"));

/** The function's environment variables, on Lambda and on a laptop. */
export const Environment = z.object({
  UPLOADS_BUCKET: BucketName,
  THUMBNAILS_BUCKET: BucketName,
});
export type Environment = z.infer<typeof Environment>;

/** @throws ThumbsmithError `invalid-environment`, naming each variable that is missing or wrong */
export function parseEnvironment(variables: Record<string, string | undefined>): Environment {
  return parse(Environment, variables, "invalid-environment", "The function's environment");
}
