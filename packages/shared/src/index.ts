export * from "./config.ts";
export * from "./environment.ts";
export * from "./errors.ts";
export * from "./events.ts";
export * from "./formats.ts";
export * from "./keys.ts";
export * from "./manifest.ts";
export * from "./memory.ts";
export { parse } from "./validation.ts";
