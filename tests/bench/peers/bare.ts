// only Node.
import { answer, memory } from "./serve.ts";

await answer(async () => memory());
