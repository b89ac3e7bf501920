// Makes thumbnails of files in a separate process.
// Arguments: a JSON file with the list of paths, and the index of the path to begin with.
import { readFileSync, writeSync } from "node:fs";
import { isRejection, SOURCE_FORMATS } from "@thumbsmith/shared";
import { limits, ruleOf } from "@thumbsmith/testing/rule";
import { thumbnail } from "../../../packages/functions/src/image/thumbnail.ts";

const REPORTS = 3;
const [list = "", from = "0"] = process.argv.slice(2);
const paths: string[] = JSON.parse(readFileSync(list, "utf8"));
const variants = [{ format: "webp" }, { format: "jpeg", fit: "inside" }] as const;
const rule = { ...ruleOf(...variants), formats: SOURCE_FORMATS, thumbHash: true };
const say = (line: object) => writeSync(REPORTS, `${JSON.stringify(line)}\n`);

const idle = process.resourceUsage().maxRSS;
for (const [i, path] of paths.entries()) {
  if (i < Number(from)) continue;
  say({ i });
  const start = performance.now();
  const end = await attempt(path);
  const megabytes = Math.round((process.resourceUsage().maxRSS - idle) / 1_024);
  say({ i, end, milliseconds: Math.round(performance.now() - start), megabytes });
}

async function attempt(path: string): Promise<string> {
  try {
    await thumbnail(readFileSync(path), rule, limits);
    return "made";
  } catch (error) {
    return isRejection(error) ? error.code : `error: ${error instanceof Error ? error.message : error}`;
  }
}
