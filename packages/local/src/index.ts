export { BUCKETS } from "./buckets.ts";
export { CONFIG_FILE, readConfig } from "./config-file.ts";
export { LOCAL_PORT, type Pipeline, QUEUES, startPipeline } from "./pipeline.ts";
export { countMessages, createQueue } from "./queues.ts";
export { type ReadOutput, runOnce } from "./run.ts";
export { type FoundFiles, findSources, ruleFor, type Skipped, type SourceFile } from "./sources.ts";
export { endOf, type Result, withReason } from "./summary.ts";
