import type { Change, Step } from "./history.ts";

const key = "uploads/a.jpg";
const other = "uploads/a.jpg.webp";

const upload = (content: "cat" | "dog" | "bad", to: typeof key | typeof other = key): Change => ({
  do: "upload",
  key: to,
  content,
});
const tooLarge: Change = { do: "upload", key, content: "big ----------------------------------------" };
const remove: Change = { do: "delete", key };
const purge: Change = { do: "purge", key };
const archive = (from: typeof key | typeof other = key): Change => ({ do: "archive", key: from });
const thaw: Change = { do: "thaw", key };
const drain: Step = { do: "drain" };
const deliver: Step = { do: "deliver", pick: 0 };
const crash: Step = { do: "crash", pick: 0, inFlight: "lost" };
const configure = (config: (Step & { do: "configure" })["config"]): Step => ({ do: "configure", config });
const proceed = (pick: number, calls: number): Step => ({ do: "proceed", pick, calls });
const race = (first: Change, calls: number, second: Change): Step => ({ do: "race", first, calls, second });

/** Histories that once ended wrong: some in earlier code, most in a mutation. */
export const counterexamples: Record<string, Step[]> = {
  "a rule that no longer accepts a name removes its outputs": [upload("cat"), drain, configure("webpOnly")],
  "an output whose key now belongs to another source is not removed": [
    upload("cat", other),
    upload("cat"),
    configure("webp"),
    drain,
    configure("both"),
  ],
  "a write that was not answered makes the message come back, even if another write has a conflict": [
    upload("cat"),
    upload("cat"),
    deliver,
    deliver,
    proceed(0, 2),
    proceed(1, 2),
    proceed(0, 1),
    { do: "fail", pick: 1, which: 1, fault: "late" },
    remove,
  ],
  "a source that is deleted while its outputs are written has none": [race(upload("cat"), 2, purge)],
  "a source that comes back while its outputs are removed has them": [
    upload("cat"),
    drain,
    race(remove, 5, purge),
  ],
  "a version that is deleted while an equal one comes back is not the one that is recorded": [
    upload("cat"),
    drain,
    race(upload("cat"), 5, purge),
  ],
  "a source that was too large is made when the limit is raised": [tooLarge, drain, configure("generous")],
  "a deleted source keeps no output of a handler that crashed": [
    upload("cat"),
    deliver,
    proceed(0, 3),
    crash,
    remove,
  ],
  "a source that is not an image keeps no output of a handler that crashed": [
    upload("cat"),
    deliver,
    proceed(0, 4),
    crash,
    remove,
    configure("small"),
    drain,
    configure("both"),
    upload("bad"),
  ],
  "a source that was archived before it was processed gets its thumbnails when it is restored": [
    upload("cat"),
    archive(),
    drain,
    thaw,
  ],
  "an archived source keeps its thumbnails when a variant changes, and gets new ones when it is restored": [
    upload("cat"),
    drain,
    archive(),
    configure("smaller"),
    drain,
    thaw,
  ],
  "an archived source keeps no output whose key now belongs to another source": [
    upload("cat", other),
    upload("cat"),
    drain,
    archive(other),
    configure("webp"),
    drain,
    remove,
    drain,
  ],
  "a handler that crashes while it removes outputs leaves the manifest for the next handler": [
    upload("cat"),
    drain,
    configure("webpOnly"),
    deliver,
    proceed(0, 4),
    crash,
  ],
  "outputs that were recorded after the manifest was observed are not removed from a deleted source": [
    configure("keepSmaller"),
    race(purge, 3, upload("cat")),
    race(purge, 2, { do: "restore", key, nth: 0 }),
  ],
  "a source that is overwritten by one that is too large loses its outputs": [
    race({ do: "restore", key: other, nth: 0 }, 0, tooLarge),
    race(upload("cat"), 5, tooLarge),
  ],
  "a deleted source keeps no output that its rule no longer names": [
    race(upload("cat", other), 0, remove),
    configure("keepSmaller"),
    proceed(0, 40),
    race({ do: "delete", key: other }, 0, remove),
  ],
  "a deleted source has no manifest if none of its outputs is kept": [
    race(upload("cat", other), 0, upload("cat")),
    purge,
    deliver,
    proceed(1, 3),
    proceed(1, 2),
    configure("keep"),
    { do: "crash", pick: 3, inFlight: "late" },
  ],
  "a deleted source keeps no output that is not as recorded": [
    upload("cat"),
    remove,
    remove,
    race(purge, 3, { do: "restore", key, nth: 0 }),
    configure("keepSmaller"),
    remove,
  ],
};
