import { vi } from "vitest";

/** Collects the lines of JSON that are written to stdout and stderr, without printing them, until `vi.restoreAllMocks`. */
export function captureLines<Line extends Record<string, unknown>>(): Line[] {
  const lines: Line[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((chunk) => {
      lines.push(
        ...String(chunk)
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line)),
      );
      return true;
    });
  }
  return lines;
}
