import { tiffDirectories } from "./tiff.ts";

/** A photograph has about 50. It limits the time that directories in a cycle take. */
const MAX_ENTRIES = 20_000;
const BYTE = 1;

/**
 * Turns entries of an unknown type into a single byte. Readers must skip such entries (TIFF 6.0, section 2), but libtiff
 * reports them as errors, like damage.
 */
export function restateTiff(file: Buffer): Buffer {
  const isLittle = file[0] === 0x49;
  let restated = file;
  let seen = 0;
  for (const entries of tiffDirectories(file)) {
    for (const { typeAt, countAt, valueAt } of entries.filter(({ hasKnownType }) => !hasKnownType)) {
      if (restated === file) restated = Buffer.from(file);
      restated.fill(0, typeAt, valueAt);
      restated[isLittle ? typeAt : countAt - 1] = BYTE;
      restated[isLittle ? countAt : valueAt - 1] = 1;
    }
    seen += 1 + entries.length;
    if (seen > MAX_ENTRIES) break;
  }
  return restated;
}
