/**
 * A fallback that mints for a key twice, with a delivery in between, must not claim the first with the second (row 3).
 * The clients had seen nothing, and say so with their tokens; so both writes stay. The planted bug shows that the
 * schedule can fail.
 */
import * as core from "@kvorum/core";
import { expect, test } from "vitest";
import { RUN_OUTLIVES_COPY } from "../canaries/hint-bugs.ts";
import { loadPatchedCore } from "../canaries/patched-core.ts";
import type { CoreCode } from "../world/compose.ts";
import { Script } from "./script.fixture.ts";

interface Told {
  readonly written: readonly number[];
  readonly found: readonly number[];
}

function story(code: CoreCode): Told {
  const { hintsMax } = core.DEFAULT_LIMITS;
  const drawn = new Script({ members: 4, code }).world.options;
  const change = { replicas: 3, limits: { ...drawn.limits, hintsMax } };
  const script = new Script({ members: 4, code, change });
  script.form();
  const key = script.keyAt(1, 2, 3);
  const nothing = script.ok(script.get(4, key));
  const written = [1, 2].map(() => {
    for (const home of [1, 2, 3]) script.world.member(home).kill();
    const fallback = script.world.member(4).process?.api;
    script.world.passUntil(60_000, () => [1, 2, 3].every((home) => fallback?.reachable(home) === false));
    const write = script.ok(script.put(4, key, { homes: 1, contextOf: nothing, fallbacks: "allow" }));
    expect(write).toMatchObject({ holders: [], standIns: [4] });
    for (const home of [1, 2, 3]) script.world.member(home).boot();
    script.whole();
    script.world.passUntil(60_000, () => fallback?.status().hints.copies === 0);
    return write.id;
  });
  return { written, found: script.valuesAt(1, key) };
}

test("what a fallback mints after a delivery claims nothing of what it minted before", () => {
  const { written, found } = story(core);
  expect(found).toEqual(written);
});

test("planted: its run outlives its copy", async () => {
  const { written, found } = story(await loadPatchedCore(RUN_OUTLIVES_COPY));
  expect(found).toEqual(written.slice(1));
});
