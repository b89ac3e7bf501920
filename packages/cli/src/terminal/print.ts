import { columns as inColumns } from "./columns.ts";
import { printable } from "./printable.ts";

const HOUR = 60 * 60;

/** Rows in columns. Numbers are right-aligned. */
export function columns(head: string[], rows: (string | number)[][]): string {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === "number" ? count(cell) : cell)));
  return inColumns(head, cells, (column) => rows.every((row) => typeof row[column] === "number"));
}

/** A number with separators: 100,000. */
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

/** A time in a readable unit, rounded up. */
export function duration(seconds: number): string {
  if (seconds < 120) return counted(Math.ceil(seconds), "second");
  if (seconds < 2 * HOUR) return counted(Math.ceil(seconds / 60), "minute");
  return seconds < 48 * HOUR
    ? counted(Math.ceil(seconds / HOUR), "hour")
    : counted(Math.ceil(seconds / (24 * HOUR)), "day");
}

/** How many lines of a long list are shown. */
const SHOWN = 10;

/** A list under its title, or nothing if it is empty. */
export function listed(title: string, lines: string[]): string[] {
  if (lines.length === 0) return [];
  const more = lines.length - SHOWN;
  return [
    `${title}:`,
    ...lines.slice(0, SHOWN).map((line) => `  ${printable(line)}`),
    ...(more > 0 ? [`  and ${count(more)} more: see --json`] : []),
  ];
}
