export { type AwsOptions, type LocalAws, startAws } from "./aws/server.ts";
export { startEventSourceMapping } from "./event-source-mapping.ts";
export { main } from "./main.ts";
export { BUCKETS, type Pipeline, QUEUES, startPipeline } from "./pipeline.ts";
export { startProgress } from "./progress.ts";
export { findSources, ruleFor, type SourceFile, skipReason } from "./sources.ts";
export { type Result, table, withReason } from "./summary.ts";
