import fc from "fast-check";
import type { Etags } from "./bucket.ts";
import { faults } from "./call.ts";
import { configs } from "./configs.ts";
import { changeInPeace } from "./peace.ts";
import { LATEST } from "./pick.ts";
import { rest } from "./time.ts";
import { inspect } from "./verdict.ts";
import { World } from "./world.ts";

/** In one of the configs, the output of the first has the name of the second. */
const keys = ["uploads/a.jpg", "uploads/a.jpg.webp"] as const;

/** Contents of uploads: two images, a file that is not an image, and one with more bytes than most configs accept. */
const contents = ["cat", "dog", "bad", `big ${"-".repeat(40)}`] as const;

const pick = fc.nat({ max: 5 });
const key = fc.oneof({ weight: 5, arbitrary: fc.constant(keys[0]) }, fc.constant(keys[1]));
const content = fc.oneof({ weight: 2, arbitrary: fc.constant(contents[0]) }, fc.constantFrom(...contents));
/** A number of calls: often a few, and often all that the handler has to make. */
const calls = fc.oneof({ weight: 2, arbitrary: fc.nat({ max: 6 }) }, fc.constant(40));
const nextConfig = fc.constantFrom(...(Object.keys(configs) as (keyof typeof configs)[]));
const happens = <const D extends string, T extends object>(
  weight: number,
  name: D,
  rest: { [K in keyof T]: fc.Arbitrary<T[K]> },
) => ({
  weight,
  arbitrary: fc.record(rest).map((fields) => ({ do: name, ...fields })),
});

/**
 * Changes of a source. `purge` deletes the latest version permanently, which may be a delete marker. `thaw` restores the
 * latest version from an archive, which has an event; archiving has none.
 */
const changes = [
  happens(8, "upload", { key, content }),
  happens(6, "delete", { key }),
  happens(5, "purge", { key }),
  happens(2, "restore", { key, nth: pick }),
  happens(1, "archive", { key }),
  happens(2, "thaw", { key }),
] as const;

const step = fc.oneof(
  ...changes,
  happens(2, "configure", { config: nextConfig }),
  happens(14, "deliver", { pick }),
  happens(2, "duplicate", { pick }),
  happens(25, "proceed", { pick, calls }),
  happens(6, "answer", { pick, which: pick }),
  happens(8, "fail", { pick, which: pick, fault: fc.constantFrom(...faults) }),
  happens(3, "crash", { pick, inFlight: fc.constantFrom("lost", "late") }),
  happens(2, "land", { pick }),
  happens(8, "race", {
    first: fc.oneof(...changes),
    calls: fc.nat({ max: 9 }),
    second: fc.oneof(...changes),
  }),
  happens(4, "drain", {}),
);

export type Change = (typeof changes)[number]["arbitrary"] extends fc.Arbitrary<infer C> ? C : never;
export type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Steps that happen one after the other. An impossible step, for example a delivery without a message, is skipped. */
export const history = fc.array(step, { maxLength: 60, size: "max" });

/** @returns what is wrong in the end, which is empty if the invariant holds */
export async function play(steps: readonly Step[], etags: Etags): Promise<string[]> {
  const world = new World(etags, configs.both);
  for (const step of steps) {
    await take(world, step);
    await rest();
  }
  await world.drain();
  const { wrong, excused } = inspect(world);
  const before = world.attempts;
  world.sendAllAgain();
  await world.drain();
  if (excused.length === 0 && world.attempts > before) wrong.push("A second delivery wrote something.");
  const others = Object.values(configs);
  const next = others[steps.length % others.length];
  if (next && excused.length === 0 && wrong.length === 0) wrong.push(...(await changeInPeace(world, next)));
  return [...wrong, ...world.surprises];
}

async function take(world: World, step: Step): Promise<void> {
  switch (step.do) {
    case "upload":
    case "delete":
    case "purge":
    case "restore":
    case "archive":
    case "thaw":
      return change(world, step);
    case "configure":
      return world.configure(configs[step.config]);
    case "deliver":
      return world.deliver(step.pick);
    case "duplicate":
      return world.duplicate(step.pick);
    case "proceed":
      return world.proceed(step.pick, step.calls);
    case "answer":
      return world.answer(step.pick, step.which);
    case "fail":
      return world.answer(step.pick, step.which, step.fault);
    case "crash":
      return world.crash(step.pick, step.inFlight);
    case "land":
      return world.land(step.pick);
    case "race":
      return race(world, step);
    case "drain":
      return world.drain();
  }
}

function change(world: World, step: Change): void {
  const { uploads } = world;
  if (step.do === "upload") uploads.put(step.key, Buffer.from(`${step.content} ${step.key}`));
  if (step.do === "delete") uploads.remove(step.key);
  if (step.do === "purge") uploads.purge(step.key);
  if (step.do === "archive" || step.do === "thaw") uploads.archive(step.key, step.do === "archive");
  if (step.do === "restore") uploads.restore(step.key, step.nth);
  if (step.do !== "archive") world.send(step.key);
}

/** Pauses the handler of one change after some calls, until all others have finished. */
async function race(world: World, { first, calls, second }: Step & { do: "race" }): Promise<void> {
  change(world, first);
  world.deliver(LATEST);
  await rest();
  await world.proceed(LATEST, calls);
  change(world, second);
  await world.overtake(LATEST);
}
