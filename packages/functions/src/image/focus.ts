import type { Point } from "./geometry.ts";

const FRACTION = String.raw`(0|1|0?\.\d{1,9}|1\.0{1,9})`;
const FOCUS = new RegExp(`^ *${FRACTION} *, *${FRACTION} *$`);
const CENTRE: Point = { x: 0.5, y: 0.5 };
/** How many characters of invalid metadata a note quotes. */
const SHOWN_CHARACTERS = 40;

/**
 * Parses an upload's `x-amz-meta-focus`: `0.31,0.2` is at 31 % of the width, from the left, and 20 % of the height, from the
 * top. Without metadata it is the centre; if the metadata is invalid too, and a note says so.
 */
export function readFocus(text: string | undefined): { focus: Point; note?: string } {
  if (text === undefined) return { focus: CENTRE };
  const [, x, y] = FOCUS.exec(text) ?? [];
  if (x !== undefined && y !== undefined) return { focus: { x: Number(x), y: Number(y) } };
  const found = JSON.stringify(text.slice(0, SHOWN_CHARACTERS));
  const note = `x-amz-meta-focus: expected fractions of width and height such as "0.31,0.2", found ${found}. The centre was kept.`;
  return { focus: CENTRE, note };
}
