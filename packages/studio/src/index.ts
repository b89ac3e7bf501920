export { watchConfig } from "./config-file.ts";
export { STUDIO_PORT, type Studio, startStudio } from "./server.ts";
export { listSources } from "./sources.ts";
export { State } from "./state.ts";
