export { type AwsOptions, LOCAL_ACCESS, type LocalAws, startAws } from "./aws/server.ts";
export { startEventSourceMapping } from "./event-source-mapping.ts";
export { main } from "./main.ts";
export { BUCKETS, LOCAL_PORT, type Pipeline, QUEUES, startPipeline } from "./pipeline.ts";
export { startProgress } from "./progress.ts";
export { countMessages, createQueue } from "./queues.ts";
export { findSources, ruleFor, type SourceFile, skipReason } from "./sources.ts";
export { type Result, table, withReason } from "./summary.ts";
export { whereTyped } from "./where-typed.ts";
