import { readFileSync, writeFileSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";

const ANSWERS = 3;

/** The outputs to make from a file. */
export interface Request {
  path: string;
  /** Whether to leave out the time to read the file. */
  isInMemory?: boolean;
  /** Where to keep the outputs, numbered, after the time is taken. */
  keep?: string;
}

/** Answers each line of standard input with what the job took. */
export async function serve<Asked extends Request>(
  job: (bytes: Buffer, request: Asked) => Promise<Uint8Array[]>,
): Promise<void> {
  await answer<Asked>(async (request) => {
    const read = () => readFileSync(request.path);
    const inMemory = request.isInMemory ? read() : undefined;
    const { result, ...taken } = await timed(() => job(inMemory ?? read(), request));
    if (request.keep) for (const [i, bytes] of result.entries()) writeFileSync(`${request.keep}-${i}`, bytes);
    return { ...taken, ...memory() };
  });
}

/** The memory of this process in megabytes: now and at its peak. Linux only. */
export function memory(): { now: number; peak: number } {
  const status = readFileSync("/proc/self/status", "utf8");
  const of = (field: string) => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1_024;
  return { now: of("VmRSS"), peak: of("VmHWM") };
}

/** Answers each line of standard input. */
export async function answer<Asked>(job: (request: Asked) => Promise<object>): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const reply = await job(JSON.parse(line)).catch((error: unknown) => ({ error: String(error) }));
    writeSync(ANSWERS, `${JSON.stringify(reply)}\n`);
  }
  process.exit(0);
}

/** What this process spends on a job, in all of its threads. */
export async function timed<T>(action: () => Promise<T>): Promise<{ result: T; cpu: number; wall: number }> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  const result = await action();
  const { user, system } = process.cpuUsage(before);
  return { result, cpu: (user + system) / 1_000, wall: performance.now() - start };
}
