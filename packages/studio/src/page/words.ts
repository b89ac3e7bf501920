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

/** The rule with the longest prefix of the key. */
export function ruleOf(rules: readonly RuleView[], key: string): RuleView | undefined {
  return rules
    .filter(({ prefix }) => key.startsWith(prefix))
    .reduce<RuleView | undefined>((a, b) => (a && a.prefix.length > b.prefix.length ? a : b), undefined);
}

/** A key as a person knows it: without the first rule's prefix. */
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

/** What is to be said of a source, where it has come to an end. */
export function ending(name: string, { status, outputs, reason }: Source): string | undefined {
  switch (status) {
    case "made":
      return `${name}: ${counted(outputs.length, "thumbnail")} made`;
    case "rejected":
      return `${name}: rejected: ${spoken(reason)}`;
    case "failed":
      return `${name}: failed: ${spoken(reason)}`;
    case "deleted":
      return `${name}: deleted, and its thumbnails with it`;
    case "ignored":
      return `${name}: no rule reads it now`;
    case "waiting":
      return undefined;
  }
}

function spoken(reason?: Reason): string {
  return reason?.meaning.replaceAll("`", "") ?? "";
}

/** How a delivery stands. */
export function standing({ stage, end, attempts, dueAt, sentAt }: Delivery): string {
  if (stage === "dead") return `Failed ${counted(attempts, "time")}: it is among the dead letters.`;
  if (stage === "attempt" && !end) return "The function is at it.";
  if (!end) return dueAt > sentAt ? `Waits until ${clock(dueAt)}.` : "Waits for the function.";
  switch (end.result) {
    case "made":
      return `${counted(end.outputs, "thumbnail")} made in ${end.milliseconds} ms.`;
    case "rejected":
      return `Rejected: ${end.code}.`;
    case "removed":
      return end.unruled
        ? "No rule reads it now: its thumbnails were removed."
        : "The source is gone: its thumbnails were removed.";
    case "ignored":
      return "No rule reads it.";
    case "failed":
      return `Attempt ${attempts} failed: ${end.code}. It is tried again.`;
    case "current":
      return nothingToDo(end);
  }
}

function nothingToDo({ outputs, code }: { outputs: number; code?: string }): string {
  if (code) return `Nothing to do: rejected before, ${code}.`;
  if (outputs > 0) return "Nothing to do: the thumbnails are those of the newest upload.";
  return "Nothing to do: the source is gone, and has no thumbnails.";
}
