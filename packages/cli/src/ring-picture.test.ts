import { expect, test } from "vitest";
import type { MemberRow, RingRow } from "./admin.ts";
import { ringPicture } from "./ring-picture.ts";

function member(id: number, weight = 100): MemberRow {
  const address = `127.0.0.1:${id}`;
  const rest = { region: "region-1", weight, peer: address, resp: address, http: address, reachable: true };
  return { id, name: `m${id}`, host: `h${id}`, zone: `z${id % 2}`, ...rest };
}

test("shares stand beside what the weights are due, and every partition has its first home", () => {
  const ring: RingRow = {
    cluster: "c",
    epoch: 1,
    partitions: 16,
    replicas: 1,
    members: [
      { id: 7, homes: 12, firstHomes: 12 },
      { id: 9, homes: 4, firstHomes: 4 },
    ],
    runs: [
      { first: 0, last: 11, homes: [7] },
      { first: 12, last: 15, homes: [9] },
    ],
  };
  const text = ringPicture(ring, [member(7, 300), member(9, 100)]);
  expect(text).toContain("c, epoch 1: 16 partitions, each on 1 homes; 2 members in 1 zones");
  expect(text).toMatch(/1 {2}m7 +z1 +h7 +12 +12\.0 +12 {2}#{20}\n/);
  expect(text).toMatch(/2 {2}m9 +z1 +h9 +4 +4\.0 +4 {2}#{7}\n/);
  expect(text).toMatch(/\n {6}0 {2}1{12}2{4}\n$/);
});

test("the largest ring and more members than signs still fit on a screen", () => {
  const members = Array.from({ length: 99 }, (_, index) => member(index + 1));
  const ring: RingRow = {
    cluster: "c",
    epoch: 1,
    partitions: 16_384,
    replicas: 3,
    members: members.map(({ id }) => ({ id, homes: 496, firstHomes: 165 })),
    runs: Array.from({ length: 16_384 }, (_, at) => ({ first: at, last: at, homes: [(at % 99) + 1] })),
  };
  const strip = ringPicture(ring, members).split("every 16th partition:\n")[1]?.trimEnd().split("\n") ?? [];
  expect(strip).toHaveLength(16);
  for (const line of strip) expect(line).toMatch(/^ *\d+ {2}[1-9A-Za-z*]{64}$/);
  expect(strip.at(-1)).toMatch(/^ {2}15360 /);
});

test("a member that holds everything is due no more than everything", () => {
  const ring: RingRow = {
    cluster: "c",
    epoch: 1,
    partitions: 16,
    replicas: 2,
    members: [1, 2].map((id) => ({ id, homes: 16, firstHomes: 8 })),
    runs: [{ first: 0, last: 15, homes: [1, 2] }],
  };
  expect(ringPicture(ring, [member(1, 1000), member(2, 1)])).toMatch(/m1 .* 16 +16\.0 +8/);
});
