import { columns } from "../../../packages/cli/src/terminal/print.ts";
import { differences } from "./differences.ts";
import { tools } from "./tools.ts";

const missing = [];
for (const tool of tools) if (!(await tool.isThere())) missing.push(tool);
if (missing.length > 0) {
  for (const { name, get } of missing) console.error(`The rehearsal needs ${name}. To get it: ${get}`);
  process.exit(3);
}

console.log(
  columns(
    ["not as deployed", "instead"],
    differences.map(({ what, instead }) => [what, instead]),
  ),
);
const { rehearse } = await import("./rehearse.ts");
process.exit(await rehearse());
