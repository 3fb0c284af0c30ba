import { expect, test } from "vitest";
import { SEEDS_MAX } from "./canary.ts";
import { CANARIES } from "./list.ts";
import { fly } from "./search.ts";

/** Nobody tries the same thousands twice. */
const from = Math.floor(Date.now() / 1000) * 1000;

test.each(CANARIES)(
  `caught within ${SEEDS_MAX} seeds (or its seedsMax) from ${from}: $name`,
  async (canary) => {
    expect(await fly(canary, from, canary.seedsMax ?? SEEDS_MAX)).not.toBeNull();
  },
);
