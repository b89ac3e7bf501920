export {
  type AwsOptions,
  LOCAL_ACCESS,
  type LocalAws,
  startAws,
  startEventSourceMapping,
} from "@thumbsmith/aws-local";
export { BUCKETS } from "./buckets.ts";
export { columns } from "./columns.ts";
export { main } from "./main.ts";
export { LOCAL_PORT, type Pipeline, QUEUES, startPipeline } from "./pipeline.ts";
export { startProgress } from "./progress.ts";
export { countMessages, createQueue } from "./queues.ts";
export { findSources, ruleFor, type SourceFile, skipReason } from "./sources.ts";
export { type Result, table, withReason } from "./summary.ts";
export { whereTyped } from "./where-typed.ts";
