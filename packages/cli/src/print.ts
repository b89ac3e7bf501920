import Table from "cli-table3";

const UNFRAMED = {
  ...{ top: "", "top-mid": "", "top-left": "", "top-right": "" },
  ...{ bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "" },
  ...{ left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: "" },
};

/** Rows in columns. Numbers are put to the right. */
export function columns(head: string[], rows: (string | number)[][]): string {
  const table = new Table({
    head,
    colAligns: head.map((_, i) => (rows.every((row) => typeof row[i] === "number") ? "right" : "left")),
    style: { head: ["bold"], border: [], compact: true, "padding-left": 0, "padding-right": 2 },
    chars: UNFRAMED,
  });
  table.push(...rows.map((row) => row.map((cell) => (typeof cell === "number" ? count(cell) : cell))));
  return table.toString();
}

/** A number as people read it: 100,000. */
export function count(number: number): string {
  return number.toLocaleString("en-US");
}

/** A count with its noun: 1 message, 2 messages. */
export function counted(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
}

export function dollars(amount: number): string {
  return `$${amount.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}
