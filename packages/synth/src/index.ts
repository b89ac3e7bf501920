export { Graph, type GraphData, type Resource } from "./graph.ts";
export { installPlatform } from "./install-platform.ts";
export { ACCOUNT } from "./mocks.ts";
export { reasonOf } from "./reasons.ts";
export { type Runtime, record } from "./record.ts";
export { fromPlatform, type Options, platform, root, synthesize } from "./synthesize.ts";
