import { readFile, rm, writeFile } from "node:fs/promises";

/**
 * Keeps a folder to one server: two would each number the versions that the other does not know of. A server that was killed leaves
 * its lock behind, and the next one takes it over.
 * @returns what gives the folder up again
 * @throws Error that names the process which has it
 */
export async function lockFolder(file: string, folder: string): Promise<() => Promise<void>> {
  const take = () => writeFile(file, String(process.pid), { flag: "wx" });
  try {
    await take();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const pid = Number(await readFile(file, "utf8").catch(() => ""));
    if (isRunning(pid)) {
      throw new Error(
        `Expected ${folder} to be free, found it in use by process ${pid}. Stop that process, or use another folder. If that process is something else, delete ${file}.`,
        { cause: error },
      );
    }
    await rm(file, { force: true });
    await take();
  }
  return () => rm(file, { force: true });
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process may not be signalled, and runs all the same.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
