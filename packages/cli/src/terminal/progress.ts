import { Presets, SingleBar } from "cli-progress";

/** A bar on a terminal; elsewhere nothing, since a log needs no animation. */
export function startProgress(label: string, total: number) {
  const bar = new SingleBar(
    {
      format: `${label} {bar} {value} of {total} {note}`,
      stream: process.stderr,
      clearOnComplete: true,
      stopOnComplete: true,
      hideCursor: true,
    },
    Presets.shades_classic,
  );
  bar.start(total, 0, { note: "" });
  return {
    tick: () => bar.increment(),
    /** Shows a note next to the bar. */
    note: (note: string) => bar.update({ note }),
    stop: () => bar.stop(),
  };
}
