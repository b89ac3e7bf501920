import Table from "cli-table3";
import { printableLines } from "./printable.ts";

const UNFRAMED = {
  ...{ top: "", "top-mid": "", "top-left": "", "top-right": "" },
  ...{ bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "" },
  ...{ left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: "" },
};

/** Rows in columns, some of them put to the right; the head is bold on a terminal. */
export function columns(
  head: string[],
  rows: string[][],
  isRight: (column: number) => boolean = () => false,
): string {
  const table = new Table({
    head,
    colAligns: head.map((_, column) => (isRight(column) ? "right" : "left")),
    style: {
      head: process.stdout.isTTY ? ["bold"] : [],
      border: [],
      compact: true,
      "padding-left": 0,
      "padding-right": 2,
    },
    chars: UNFRAMED,
  });
  table.push(...rows.map((row) => row.map(printableLines)));
  return table.toString().replaceAll(/ +$/gm, "");
}
