import Table from "cli-table3";
import { printableLines } from "./printable.ts";

const UNFRAMED = {
  ...{ top: "", "top-mid": "", "top-left": "", "top-right": "" },
  ...{ bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "" },
  ...{ left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: "" },
};

/** Spaces between columns. */
const GAP = 2;
/** A narrower column is unreadable. */
const NARROWEST = 12;

/**
 * Rows in columns, some of them right-aligned. On a terminal the head is bold, and text that is too wide wraps within
 * its column.
 * @param available characters in a line: those of the terminal. In a pipe a row stays on one line, for `grep` and the like
 */
export function columns(
  head: string[],
  rows: string[][],
  isRight: (column: number) => boolean = () => false,
  available = process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY,
): string {
  const cells = rows.map((row) => row.map(printableLines));
  const table = new Table({
    colWidths: fit(widthsOf([head, ...cells]), available),
    wordWrap: true,
    wrapOnWordBoundary: false,
    head,
    colAligns: head.map((_, column) => (isRight(column) ? "right" : "left")),
    style: {
      head: process.stdout.isTTY ? ["bold"] : [],
      border: [],
      compact: true,
      "padding-left": 0,
      "padding-right": GAP,
    },
    chars: UNFRAMED,
  });
  table.push(...cells);
  return table.toString().replaceAll(/ +$/gm, "");
}

function widthsOf(rows: string[][]): number[] {
  const width = (cell = "") => Math.max(...cell.split("\n").map(placesOf)) + GAP;
  return (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => width(row[column]))));
}

/** The width of a line on a terminal: East Asian characters and emoji count as two. */
function placesOf(line: string): number {
  const wide = line.match(/\p{scx=Han}|\p{scx=Hira}|\p{scx=Kana}|\p{scx=Hang}|\p{Emoji_Presentation}/gu);
  return [...line].length + (wide?.length ?? 0);
}

/** Narrows the widest columns until the row fits. */
function fit(widths: number[], available: number): number[] {
  const fitted = [...widths];
  let excess = fitted.reduce((sum, width) => sum + width, 0) - available;
  for (; excess > 0 && Math.max(...fitted) > NARROWEST; excess -= 1) {
    const widest = fitted.indexOf(Math.max(...fitted));
    fitted[widest] = (fitted[widest] ?? 0) - 1;
  }
  return fitted;
}
