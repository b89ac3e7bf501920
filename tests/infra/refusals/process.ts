import { collectRefusals } from "./collect.ts";

// A process of its own for the test: at its end Pulumi complains of what was refused.
process.send?.(await collectRefusals());
