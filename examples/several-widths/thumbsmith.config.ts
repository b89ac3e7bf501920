import { defineConfig } from "@thumbsmith/shared";
import { rules } from "./rules.ts";

export default defineConfig({ rules });
