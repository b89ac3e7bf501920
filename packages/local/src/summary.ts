import type { Report, SourceImage } from "@thumbsmith/functions";
import type { OutputRecord } from "@thumbsmith/shared";
import prettyBytes from "pretty-bytes";
import { columns } from "./columns.ts";

/** What became of one source. */
export interface End {
  result: "made" | "rejected" | "failed" | "removed";
  /** For a source without outputs: the stable code, and why in words. */
  reason?: string;
  source?: SourceImage;
  outputs: Omit<OutputRecord, "etag">[];
  milliseconds: number;
}

/** One file of this machine, and what became of it. */
export interface Result extends End {
  path: string;
  key: string;
  bytes: number;
}

/** What the handler said of a job, in the words of a person's question: are there thumbnails, and if not, why? */
export function endOf({ outcome, error }: Report): End {
  if (error) return { ...withReason(error.kind, error), milliseconds: 0 };
  const { manifest, phases } = outcome;
  const milliseconds = Math.round(Object.values(phases).reduce((sum, phase) => sum + phase, 0));
  if (!manifest) return { result: "removed", outputs: [], milliseconds };
  if (manifest.outcome === "rejected") return { ...withReason("rejected", manifest.reason), milliseconds };
  return { result: "made", source: manifest.source, outputs: manifest.outputs, milliseconds };
}

export function withReason(
  result: "rejected" | "failed",
  { code, message }: { code: string; message: string },
) {
  return { result, reason: `${code}: ${message}`, outputs: [] };
}

const HEAD = ["source", "bytes", "megapixels", "", "output", "size", "bytes", "ms"];
/** What is put to the right. */
const FIGURES = new Set(["bytes", "megapixels", "size", "ms"]);

/** A line for each output: source, bytes, megapixels → output, size, bytes, milliseconds. Below, what has none. */
export function table(results: readonly Result[]): string {
  const text = columns(HEAD, results.flatMap(rowsOf), (column) => FIGURES.has(HEAD[column] ?? ""));
  const without = results.filter(({ result }) => result !== "made");
  return [text, ...without.map(({ key, reason }) => `✗ ${key}  ${reason}`)].join("\n");
}

function rowsOf({ key, bytes, source, outputs, milliseconds }: Result): string[][] {
  const megapixels = source ? ((source.width * source.height) / 1e6).toFixed(2) : "";
  return outputs.map((output, i) => [
    ...(i === 0 ? [key, prettyBytes(bytes), megapixels, "→"] : ["", "", "", ""]),
    output.key,
    `${output.width} × ${output.height}`,
    prettyBytes(output.bytes),
    i === 0 ? String(milliseconds) : "",
  ]);
}

/** One line of what a job came to, or none when it changed nothing. */
export function line(report: Report): string | undefined {
  const { key } = report.job;
  if (report.outcome && /^(current|ignored)$/.test(report.outcome.result)) return undefined;
  const { result, reason, outputs, milliseconds } = endOf(report);
  if (result === "removed") return `− ${key}`;
  if (result !== "made") return `✗ ${key}  ${result}, ${reason}`;
  const made = outputs.map((output) => `${output.key} (${output.width} × ${output.height})`);
  return `✓ ${key} → ${made.join(", ")} in ${milliseconds} ms`;
}
