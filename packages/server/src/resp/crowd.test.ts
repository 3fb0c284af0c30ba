import { expect, test } from "vitest";
import { Crowd, Place } from "./crowd.ts";

const LIMITS = { crowdMax: 100, crowdShareMin: 4 };

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
  expect(crowdOf(1, underWay).crowd.share(1024)).toBe(share);
});

test.each([
  [10, 10],
  [20, 5],
  [25, 4],
  [50, 4],
])("%d connections in a crowd may have %d each", (connections, share) => {
  const { crowd } = crowdOf(connections, 10);
  expect([crowd.share(1024), crowd.share(3)]).toEqual([share, 3]);
});

test("what has ended counts no more", () => {
  const { crowd, places } = crowdOf(20, 10);
  for (const place of places) for (let i = 0; i < 10; i++) place.end();
  expect([crowd.underWay, crowd.busy, crowd.share(1024)]).toEqual([0, 0, 1024]);
});
