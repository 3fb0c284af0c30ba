import { expect, test } from "vitest";
import { checkExpiry } from "./expiry.ts";
import { MadeHistory } from "./made-history.fixture.ts";

const NOW = { judgedMs: 5_000, ownMs: 5_000, latestMs: 5_000, answered: [1, 2], member: 3 };

function texts(history: MadeHistory): string[] {
  return checkExpiry(history).map(({ text }) => text.split("\n")[0] ?? "");
}

function written(expiryMs: number): { history: MadeHistory; id: number } {
  const history = new MadeHistory();
  return { history, id: history.put(0, 10, { expiryMs }) };
}

const SHOWN = "a read showed what had expired when it began";
const EARLY = "a read called expired what was not, by any clock";

test("live before its time and expired after it, by whichever of the clocks that took part", () => {
  const { history, id } = written(4_000);
  history.read(20, 30, [id], { ...NOW, clocksMs: [3_900, 3_950, 3_990] });
  history.read(20, 30, [id], { ...NOW, clocksMs: [4_100, 3_950, 3_990], expired: [id] });
  expect(texts(history)).toEqual([]);
});

test("what never expires, and what had expired already by the clock of a home that took no part", () => {
  const { history, id } = written(4_000);
  const forever = history.put(0, 10);
  history.read(20, 30, [id, forever], { ...NOW, answered: [1], clocksMs: [3_900, 9_000, 3_990] });
  expect(texts(history)).toEqual([]);
});

test.each([
  ["the coordinator's", [3_000, 3_000, 4_500]],
  ["that of a home that answered", [3_000, 4_500, 3_000]],
])("shown after its time by %s clock", (_whose, clocksMs) => {
  const { history, id } = written(4_000);
  history.read(20, 30, [id], { ...NOW, clocksMs });
  expect(texts(history)).toEqual([SHOWN]);
});

test("called expired before its time by every clock, or though it never expires", () => {
  const { history, id } = written(6_000);
  history.read(20, 30, [id], { ...NOW, expired: [id] });
  const forever = history.put(0, 10);
  history.read(20, 30, [forever], { ...NOW, expired: [forever] });
  expect(texts(history)).toEqual([EARLY, EARLY]);
});

test("judged by a clock that is further ahead than clocks may be", () => {
  const { history } = written(0);
  history.read(20, 30, [], { ...NOW, judgedMs: 5_000 + history.clockBoundMs });
  history.read(20, 30, [], { ...NOW, judgedMs: 5_010 + history.clockBoundMs });
  expect(texts(history)).toEqual(["a read was judged by a clock that should have been refused"]);
});
