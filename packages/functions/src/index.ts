export { tooManyBytes } from "./inspect.ts";
export { observe, readManifest } from "./outputs.ts";
export { isCurrent, isMadeBy, type Outcome, reconcile, type Workshop } from "./reconcile.ts";
export { Conflict, createClient, createStore, type Expected, type Store, type Stored } from "./store.ts";
export { createSubscriber, type Report } from "./subscriber.ts";
export { type Output, type SourceImage, type Thumbnails, thumbnail } from "./thumbnail.ts";
