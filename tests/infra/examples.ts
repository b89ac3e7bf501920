import path from "node:path";

/** An addition of the examples that make resources. */
export const examples = path.join(import.meta.dirname, "additions/examples.ts");
