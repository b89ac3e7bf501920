// The entry that SST bundles. Split into files, a bundle is named after its entry, and SST 3.19 tells Lambda to look for
// `bundle` in any case.
export { handler } from "./handler.ts";
