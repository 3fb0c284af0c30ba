import { describe, expect, test } from "vitest";
import { Crowd, Place } from "./crowd.ts";

const LIMITS = { crowdMax: 100, crowdShareMin: 4, crowdGreedyMax: 12 };

function crowdOf(connections: number, each: number): { crowd: Crowd; places: Place[] } {
  const crowd = new Crowd(LIMITS);
  const places = Array.from({ length: connections }, () => new Place(crowd));
  for (const place of places) for (let i = 0; i < each; i++) place.begin();
  return { crowd, places };
}

test.each([
  [99, 1024],
  [100, 100],
  [101, 100],
])("one connection alone with %d under way may have %d", (underWay, share) => {
  expect(crowdOf(1, underWay).crowd.share(1024, true)).toBe(share);
});

test.each([
  [10, 10],
  [20, 5],
  [25, 4],
  [50, 4],
])("%d connections in a crowd may have %d each", (connections, share) => {
  const { crowd } = crowdOf(connections, 10);
  expect([crowd.share(1024, false), crowd.share(3, false)]).toEqual([share, 3]);
});

test("what has ended counts no more", () => {
  const { crowd, places } = crowdOf(20, 10);
  for (const place of places) for (let i = 0; i < 10; i++) place.end();
  expect([crowd.underWay, crowd.busy, crowd.share(1024, false)]).toEqual([0, 0, 1024]);
});

describe("while modest clients are about", () => {
  test.each([
    [1, 12],
    [3, 4],
    [5, 2],
    [50, 1],
  ])("%d greedy ones may have %d each, and the others what they like", (greedy, share) => {
    const { crowd, places } = crowdOf(60, 1);
    for (const place of places.slice(0, greedy)) place.isGreedy = true;
    expect(crowd.share(1024, true)).toBe(1024);
    crowd.isPressed = true;
    expect([crowd.share(1024, true), crowd.share(1024, false)]).toEqual([share, 1024]);
  });

  test("greedy are those that have something under way, as long as they are", () => {
    const { crowd, places } = crowdOf(2, 1);
    const [first, second] = places;
    if (first === undefined || second === undefined) throw new Error("two");
    first.isGreedy = true;
    second.isGreedy = true;
    expect(crowd.greedy).toBe(2);
    first.end();
    second.isGreedy = false;
    expect(crowd.greedy).toBe(0);
    first.begin();
    expect(crowd.greedy).toBe(1);
  });
});
