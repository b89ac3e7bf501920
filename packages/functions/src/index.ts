export { sendCanary } from "./canary/canary.ts";
export { formatOfBytes } from "./image/bytes/sniff.ts";
export { tooManyBytes } from "./image/rejections.ts";
export { type Output, type SourceImage, type Thumbnails, thumbnail } from "./image/thumbnail.ts";
export { createSubscriber, type Report } from "./subscriber.ts";
export { observe, readManifest } from "./sync/outputs.ts";
export { isCurrent, isMadeBy, type Outcome, reconcile, type Workshop } from "./sync/reconcile.ts";
export { Conflict } from "./sync/s3-errors.ts";
export { createClient, createStore, type Expected, type Store, type Stored } from "./sync/store.ts";
