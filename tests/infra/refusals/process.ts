import { collectRefusals } from "./collect.ts";

// The test runs this in another process, because Pulumi reports what was refused when the process ends.
process.send?.(await collectRefusals());
