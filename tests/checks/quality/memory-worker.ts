// Measures how much memory making one image's thumbnail takes, in a separate process.
// Arguments: the file, the variant as JSON, and how many are made at once.
import { readFileSync, writeFileSync, writeSync } from "node:fs";
import { SOURCE_FORMATS } from "@thumbsmith/shared";
import { painted } from "@thumbsmith/testing/pixels";
import { limits, ruleOf } from "@thumbsmith/testing/rule";
import { thumbnail } from "../../../packages/functions/src/image/thumbnail.ts";

const REPORTS = 3;
const [path = "", variant = "{}", times = "1"] = process.argv.slice(2);

const status = (field: string) => {
  const line = new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync("/proc/self/status", "utf8"));
  return Number(line?.[1]) / 1_024;
};

const warmUp = await painted(64, 64, (x, y) => [x, y, 0])
  .jpeg()
  .toBuffer();
for (const format of ["jpeg", "png", "webp", "avif"] as const)
  await thumbnail(warmUp, ruleOf({ format }), limits);

const bytes = readFileSync(path);
const rule = { ...ruleOf(JSON.parse(variant)), formats: SOURCE_FORMATS };
let asked = 0;
let pixels = 0;
// Resets the peak to the memory that is in use now.
writeFileSync("/proc/self/clear_refs", "5");
const idle = status("VmRSS");
await Promise.all(
  Array.from({ length: Number(times) }, async () => {
    const { source, outputs } = await thumbnail(bytes, rule, limits, (megabytes, decode) => {
      asked = megabytes;
      return decode();
    });
    pixels = source.width * source.height * (outputs[0]?.frames ?? 1);
  }),
);
const line = {
  peak: status("VmHWM") - idle,
  total: status("VmHWM"),
  asked,
  pixels,
};
writeSync(REPORTS, `${JSON.stringify(line)}\n`);
