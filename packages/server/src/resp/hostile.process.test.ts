/**
 * What hostile clients do to a member in a process of its own: it lives, answers others, and holds at most 8 MiB more
 * than before, while each act stands. How long they keep its event loop is measured by the soak test.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { HOSTILE_ACTS } from "./hostile-acts.fixture.ts";
import { HostileStand } from "./hostile-stand.fixture.ts";

const GROWTH_MAX = 8 << 20;

let stand: HostileStand;

beforeAll(async () => {
  stand = await HostileStand.start(39_000);
});

afterAll(() => stand.dispose());

test.each(HOSTILE_ACTS)("$name", async (act) => {
  const { standingBytes, isServed } = await stand.measure(act);
  expect([isServed, stand.member.lives]).toEqual([true, true]);
  expect(standingBytes).toBeLessThanOrEqual(GROWTH_MAX);
});
