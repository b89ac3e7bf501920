// Only Node, as a baseline.
import { answer, memory } from "./serve.ts";

await answer(async () => memory());
