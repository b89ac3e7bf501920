import prettyBytes from "pretty-bytes";
import type { Delivery, Reason, RuleView, Source, Status } from "../view.ts";

export const STATUS: Record<Status, string> = {
  waiting: "Waiting",
  made: "Made",
  rejected: "Rejected",
  failed: "Failed",
  deleted: "Deleted",
  ignored: "No rule",
};

/** A key as the page shows it: without the first rule's prefix. */
export function nameOf(rules: readonly RuleView[], key: string): string {
  const [first] = rules;
  return first && key.startsWith(first.prefix) ? key.slice(first.prefix.length) : key;
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Format, dimensions and bytes, as far as they are known. */
export function facts(of: { format?: string; width?: number; height?: number; bytes?: number }): string[] {
  return [
    of.format?.toUpperCase() ?? "",
    of.width === undefined ? "" : `${of.width} × ${of.height}`,
    of.bytes === undefined ? "" : prettyBytes(of.bytes),
  ].filter(Boolean);
}

export function clock(time: number): string {
  return new Date(time).toLocaleTimeString(undefined, { hour12: false });
}

/** What to announce about a source, once its job has ended. */
export function ending(name: string, { status, outputs, reason }: Source): string | undefined {
  switch (status) {
    case "made":
      return `${name}: ${counted(outputs.length, "thumbnail")} made`;
    case "rejected":
      return `${name}: rejected: ${spoken(reason)}`;
    case "failed":
      return `${name}: failed: ${spoken(reason)}`;
    case "deleted":
      return `${name}: deleted, together with its thumbnails`;
    case "ignored":
      return `${name}: no rule matches it any more`;
    case "waiting":
      return undefined;
  }
}

function spoken(reason?: Reason): string {
  return reason?.meaning.replaceAll("`", "") ?? "";
}

/** The state of a delivery, in words. */
export function standing({ stage, end, attempts, dueAt, sentAt }: Delivery): string {
  if (stage === "dead") return `Failed ${counted(attempts, "time")}: moved to the dead letters.`;
  if (stage === "attempt" && !end) return "Processing.";
  if (!end) return dueAt > sentAt ? `Waiting until ${clock(dueAt)}.` : "Waiting for the function.";
  switch (end.result) {
    case "made":
      return `${counted(end.outputs, "thumbnail")} made in ${end.milliseconds} ms.`;
    case "rejected":
      return `Rejected: ${end.code}.`;
    case "removed":
      return end.unruled
        ? "No rule matches it any more: its thumbnails were removed."
        : "The source is gone: its thumbnails were removed.";
    case "ignored":
      return "No rule matches it.";
    case "failed":
      return `Attempt ${attempts} failed: ${end.code}. Retrying.`;
    case "current":
      return nothingToDo(end);
  }
}

function nothingToDo({ outputs, code }: { outputs: number; code?: string }): string {
  if (code) return `Nothing to do: rejected earlier, ${code}.`;
  if (outputs > 0) return "Nothing to do: the thumbnails match the newest upload.";
  return "Nothing to do: the source is gone, and so are its thumbnails.";
}
