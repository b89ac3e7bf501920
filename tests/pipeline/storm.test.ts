import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { storm } from "../checks/soak/storm.ts";

it("nothing is lost, stale or orphaned while handlers are killed at random (`pnpm soak` does this for a minute)", async () => {
  const directory = await mkdtemp(join(tmpdir(), "thumbsmith-storm-"));
  const { sources, actions, kills, ...after } = await storm({
    directory,
    seconds: 4,
    handlers: 2,
    visibility: 6,
  });
  await rm(directory, { recursive: true });
  console.log(
    `${actions} actions, ${kills} kills, ${sources} sources in the end, ${JSON.stringify(after.ends)}`,
  );
  expect(after).toMatchObject({ lost: [], stale: [], orphaned: [] });
  expect(sources).toBeGreaterThan(0);
  expect(kills).toBeGreaterThan(0);
}, 120_000);
