/** Uploads to the URL that `signPut` made for this file. */
export async function put(file: Blob, url: string): Promise<void> {
  const response = await fetch(url, { method: "PUT", body: file, headers: { "Content-Type": file.type } });
  if (!response.ok) throw new Error(`The upload was refused: ${await response.text()}`);
}

/** Uploads with the form that `signPost` made. */
export async function post(
  file: Blob,
  { url, fields }: { url: string; fields: Record<string, string> },
): Promise<void> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  // S3 ignores fields that follow the file.
  form.append("file", file);
  const response = await fetch(url, { method: "POST", body: form });
  if (!response.ok) throw new Error(`The upload was refused: ${await response.text()}`);
}
