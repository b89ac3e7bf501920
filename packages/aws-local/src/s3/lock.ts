import { readFile, rm, writeFile } from "node:fs/promises";

/**
 * Lets only one server use a folder: each of two would not know the other's versions. If a server was killed, the next one
 * takes over its lock.
 * @returns a function that unlocks the folder
 * @throws Error with the id of the process that uses the folder
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
    // EPERM: the process runs, but belongs to another user.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
