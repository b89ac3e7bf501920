/** Form-encodes a key except for its slashes, as S3 does in events, and in listings with the encoding type `url`. */
export function formEncode(key: string): string {
  return encodeURIComponent(key)
    .replace(/[!'()~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+")
    .replaceAll("%2F", "/");
}

/** Compares keys in the order in which S3 lists them: by UTF-8 bytes. JavaScript's `<` differs from U+10000 on. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
