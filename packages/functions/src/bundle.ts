// The entry that SST bundles. A bundle that is split into files is named after its entry, but SST 3.19 always sets Lambda's
// handler to `bundle`, so the entry needs this name.
export { handler } from "./handler.ts";
