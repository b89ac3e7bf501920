import type { Report } from "@thumbsmith/functions";
import { endOf, type Result } from "@thumbsmith/local";
import prettyBytes from "pretty-bytes";
import { columns } from "./columns.ts";
import { printable } from "./printable.ts";

const HEAD = ["source", "bytes", "megapixels", "", "output", "size", "bytes", "ms"];
/** Columns that are right-aligned. */
const FIGURES = new Set(["bytes", "megapixels", "size", "ms"]);

/**
 * A line for each output: source, bytes, megapixels → output, size, bytes, milliseconds. Sources without outputs follow.
 * @param nameOf the name of a source: its key by default
 */
export function table(results: readonly Result[], nameOf = ({ key }: Result) => key): string {
  const named = results.map((result) => ({ ...result, key: nameOf(result) }));
  const rows = named.flatMap(rowsOf);
  const text = columns(HEAD, rows, (column) => FIGURES.has(HEAD[column] ?? ""));
  const without = named.filter(({ result }) => result !== "made");
  return [
    ...(rows.length > 0 ? [text] : []),
    ...without.map(({ key, reason }) => printable(`✗ ${key}  ${reason}`)),
  ].join("\n");
}

function rowsOf({ key, bytes, source, outputs, milliseconds }: Result): string[][] {
  const megapixels = source ? ((source.width * source.height) / 1e6).toFixed(2) : "";
  return outputs.map((output, i) => [
    ...(i === 0 ? [printable(key), prettyBytes(bytes), megapixels, "→"] : ["", "", "", ""]),
    printable(output.key),
    `${output.width} × ${output.height}`,
    prettyBytes(output.bytes),
    i === 0 ? String(milliseconds) : "",
  ]);
}

/** One line for the result of a job, or none if it changed nothing. */
export function line(report: Report): string | undefined {
  const { key } = report.job;
  if (report.outcome && /^(current|ignored)$/.test(report.outcome.result)) return undefined;
  const { result, reason, outputs, milliseconds } = endOf(report);
  if (result === "removed") return printable(`− ${key}`);
  if (result !== "made") return printable(`✗ ${key}  ${result}, ${reason}`);
  const made = outputs.map((output) => `${output.key} (${output.width} × ${output.height})`);
  return printable(`✓ ${key} → ${made.join(", ")} in ${milliseconds} ms`);
}
