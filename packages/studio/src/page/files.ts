/** A file that was given to the page, and its path in the folder that was given. */
export interface GivenFile {
  path: string;
  file: File;
}

/** The files of a drop, and of the folders in it. The entries must be read before the event ends. */
export async function droppedFiles({ items }: DataTransfer): Promise<GivenFile[]> {
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  return visible((await Promise.all(entries.map(filesOf))).flat());
}

/** The chosen files: several, or those of a folder. */
export function chosenFiles(files: FileList): GivenFile[] {
  return visible([...files].map((file) => ({ path: file.webkitRelativePath || file.name, file })));
}

/** The pasted files. Browsers call every pasted image `image.png`, so each is named after the time. */
export function pastedFiles({ files }: DataTransfer): GivenFile[] {
  const time = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
  return [...files].map((file, i) => {
    if (file.name !== "image.png") return { path: file.name, file };
    return { path: `pasted-${time}${i > 0 ? `-${i + 1}` : ""}.png`, file };
  });
}

/** Leaves out hidden files, which only the system uses. */
function visible(files: GivenFile[]): GivenFile[] {
  return files.filter(({ path }) => !/(^|\/)\./.test(path));
}

async function filesOf(entry: FileSystemEntry): Promise<GivenFile[]> {
  const path = entry.fullPath.replace(/^\//, "");
  if (isFile(entry)) return [{ path, file: await new Promise<File>((...ends) => entry.file(...ends)) }];
  if (!isDirectory(entry)) return [];
  const reader = entry.createReader();
  const found: GivenFile[] = [];
  // A reader returns up to a hundred at a time, and none at the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((...ends) => reader.readEntries(...ends));
    if (some.length === 0) return found;
    for (const child of some) found.push(...(await filesOf(child)));
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
