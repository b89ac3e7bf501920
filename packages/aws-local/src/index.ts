export { startEventSourceMapping } from "./lambda/event-source-mapping.ts";
export { type AwsOptions, LOCAL_ACCESS, type LocalAws, startAws } from "./server.ts";
export type { Message, Watch } from "./sqs/queue.ts";
