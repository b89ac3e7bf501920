import { supervise } from "../harness/supervise.ts";

export interface Findings {
  /** How many files had each result: `made`, or the code of a rejection. */
  ends: Record<string, number>;
  /** Faults, with the seeds that reproduce them. */
  faults: { seed: number; fault: string }[];
  slowest: { seed: number; milliseconds: number };
}

interface Line {
  seed: number;
  end?: string;
  fault?: string;
  milliseconds?: number;
}

/** Damages a file and makes its thumbnail with each seed from `first` on. If a worker crashes, it goes on with the next. */
export async function fuzz(first: number, count: number): Promise<Findings> {
  const findings: Findings = { ends: {}, faults: [], slowest: { seed: 0, milliseconds: 0 } };
  for (let from = first; from < first + count; ) from = await run(from, first + count, findings);
  return findings;
}

/** @returns the seed to continue with */
async function run(from: number, to: number, findings: Findings): Promise<number> {
  const begun = new Set<number>();
  let last = from - 1;
  const crash = await supervise<Line>(new URL("worker.ts", import.meta.url), [from, to], (line) => {
    last = Math.max(last, line.seed);
    if (!line.end) begun.add(line.seed);
    else {
      begun.delete(line.seed);
      note(line, findings);
    }
  });
  if (!crash) return to;
  if (begun.size === 0) throw new Error(`The worker did not start: ${crash.reason}\n${crash.words}`);
  const fault = `${crash.reason}, in one of ${[...begun].join(", ")}`;
  for (const seed of begun) findings.faults.push({ seed, fault });
  return last + 1;
}

function note({ seed, end = "", fault, milliseconds = 0 }: Line, findings: Findings): void {
  findings.ends[end] = (findings.ends[end] ?? 0) + 1;
  if (fault) findings.faults.push({ seed, fault });
  if (milliseconds > findings.slowest.milliseconds) findings.slowest = { seed, milliseconds };
}
