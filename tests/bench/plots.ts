import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

/** Grey and colours that are legible on white and on black: a plot does not know its background. */
const INK = "#6e7781";
const COLOURS = ["#2f81f7", "#e0701a", "#2da44e", "#a371f7", "#d1598b", INK];
const GRID = { stroke: INK, strokeOpacity: 0.25 };
const FONT = "system-ui, -apple-system, 'Segoe UI', sans-serif";

export interface Series {
  name: string;
  points: readonly (readonly [number, number])[];
}

export interface Lines {
  /** What the axes show, with the unit. */
  x: string;
  y: string;
  series: readonly Series[];
  /** Values of x to mark, if the default ticks do not suit. */
  ticks?: number[];
}

/** A line for each series, named at its end. @returns SVG */
export function lines({ x, y, series, ticks }: Lines): string {
  const points = series.flatMap(({ name, points }) => points.map(([x, y]) => ({ name, x, y })));
  const names = series.map(({ name }) => name);
  const few = points.length / series.length <= 20;
  return draw(`${y} against ${x}`, {
    x: { label: x, ticks, zero: true, line: true },
    y: { label: y, zero: true, nice: true },
    color: { domain: names, range: COLOURS },
    marginRight: 12 + 6.5 * Math.max(...names.map(({ length }) => length)),
    marks: [
      Plot.gridY(GRID),
      Plot.line(points, { x: "x", y: "y", stroke: "name", strokeWidth: 2 }),
      ...(few ? [Plot.dot(points, { x: "x", y: "y", fill: "name", r: 3 })] : []),
      Plot.text(apart(points, names), {
        x: "x",
        y: "y",
        text: "name",
        fill: "name",
        textAnchor: "start",
        dx: 8,
      }),
    ],
  });
}

/** A bar for each name, one of them in a colour of its own. @returns SVG */
export function bars(
  label: string,
  values: readonly { name: string; value: number; text: string }[],
  ours: string,
): string {
  return draw(label, {
    x: { label, nice: true, insetRight: 40 },
    y: { label: null, domain: values.map(({ name }) => name) },
    marginLeft: 12 + 6.5 * Math.max(...values.map(({ name }) => name.length)),
    height: 72 + 26 * values.length,
    marks: [
      Plot.gridX(GRID),
      Plot.barX(values, {
        x: "value",
        y: "name",
        fill: ({ name }) => (name === ours ? COLOURS[0] : INK),
        insetTop: 3,
        insetBottom: 3,
      }),
      Plot.text(values, { x: "value", y: "name", text: "text", textAnchor: "start", dx: 5 }),
    ],
  });
}

/** The ends of the lines, moved so far apart that their names can be read. */
function apart(points: { name: string; x: number; y: number }[], names: readonly string[]) {
  const step = Math.max(...points.map(({ y }) => y)) / 18;
  const ends = names.flatMap((name) => points.filter((point) => point.name === name).slice(-1));
  let floor = Number.NEGATIVE_INFINITY;
  return ends
    .sort((a, b) => a.y - b.y)
    .map((end) => {
      floor = Math.max(end.y, floor + step);
      return { ...end, y: floor };
    });
}

function draw(name: string, options: Plot.PlotOptions): string {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const style = { color: INK, background: "none", fontFamily: FONT, fontSize: "12px" };
  const svg = Plot.plot({
    width: 720,
    height: 360,
    marginTop: 32,
    marginLeft: 56,
    marginBottom: 40,
    style,
    ...options,
    document,
  });
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  // Its stylesheet is for a plot inside a page.
  svg.querySelector("style")?.remove();
  const title = document.createElement("title");
  title.textContent = name;
  svg.prepend(title);
  return `${svg.outerHTML}\n`;
}
