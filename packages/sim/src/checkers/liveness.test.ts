import { expect, test } from "vitest";
import { checkAgreement, checkLiveness } from "./liveness.ts";
import { MadeHistory } from "./made-history.fixture.ts";

test("operations that end as they should are lawful, before healing and after", () => {
  const history = new MadeHistory();
  history.put(0, 10);
  history.unknownPut(20);
  history.failedPut(30, 40);
  history.put(50, 60, { isAfterHealing: true });
  expect(checkLiveness(history)).toEqual([]);
});

test("caught: an operation that nobody answered, and one that fails although all is well", () => {
  const history = new MadeHistory();
  history.unknownPut(0, { isInTime: false });
  history.unknownPut(10, { isAfterHealing: true });
  expect(checkLiveness(history).map(({ operations }) => operations)).toEqual([[1], [2]]);
});

test("caught: two reads of all homes that differ", () => {
  const history = new MadeHistory();
  const one = history.put(0, 10);
  const two = history.put(0, 10);
  history.read(20, 30, [one, two]);
  history.read(20, 30, [two, one]);
  expect(checkAgreement(history.operations.slice(2))).toEqual([]);
  history.read(20, 30, [two]);
  history.read(20, 30, [two], { key: "other" });
  expect(checkAgreement(history.operations.slice(2)).map(({ operations }) => operations)).toEqual([[3, 5]]);
});
