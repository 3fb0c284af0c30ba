import { Prng } from "@kvorum/core";
import { expect, it } from "vitest";
import { drawKind, MIX_NAMES, MIXES } from "./mix.ts";

it.each(MIX_NAMES)("%s has the parts that its name says", (name) => {
  const mix = MIXES[name];
  const random = new Prng(3);
  const draws = 100_000;
  let reads = 0;
  const kinds = new Set<string>();
  for (let draw = 0; draw < draws; draw++) {
    const kind = drawKind(mix, random);
    if (kind === "read") reads++;
    kinds.add(kind);
  }
  expect(kinds).toEqual(new Set(["read", mix.rest]));
  expect(reads / draws).toBeCloseTo(mix.reads / 100, 2);
});
