import { expect, test } from "vitest";
import { isWhole, verdictJson, verdictText, type Verdict } from "./verdict.ts";

const names = new Map([
  [1, "apple"],
  [2, "pear"],
  [3, "plum"],
]);

function verdict(change: Partial<Verdict> = {}): Verdict {
  const counts = { keys: 10, compared: 10, different: 0 };
  return { namespaces: ["default", "carts"], ...counts, differences: [], unasked: new Map(), ...change };
}

const differences = [
  { namespace: "default", key: Buffer.from("k\u001b[2J"), groups: [[1, 2], [3]], missing: [], damaged: [] },
  { namespace: "carts", key: Buffer.from([0xff]), groups: [[2]], missing: [1], damaged: [3] },
];

test("whole is only what was compared everywhere and differs nowhere", () => {
  expect(isWhole(verdict())).toBe(true);
  expect(isWhole(verdict({ keys: 11 }))).toBe(false);
  expect(isWhole(verdict({ different: 1 }))).toBe(false);
  expect(isWhole(verdict({ keys: 0, compared: 0, unasked: new Map([[3, "QUORUM"]]) }))).toBe(false);
});

test("people read where each key differs", () => {
  expect(verdictText(verdict(), names)).toBe("10 keys of default, carts: all homes hold the same.\n");
  const text = verdictText(verdict({ different: 3, differences }), names);
  expect(text.split("\n")).toEqual([
    "10 keys of default, carts: 10 compared at all homes, 3 differ.",
    "",
    "namespace  key                         hold the same       missing at  damaged at",
    "default    k\\u001b[2J                  apple, pear | plum",
    "carts      (1 bytes that are no text)  pear                apple       plum",
    "and 1 more",
    "",
  ]);
  const away = verdictText(verdict({ compared: 0, unasked: new Map([[9, "TIMEOUT"]]) }), names);
  expect(away).toContain(
    "0 compared at all homes, 0 differ.\n9 could not be asked about all: TIMEOUT; see: ",
  );
});

test("programs read numbers first", () => {
  const unasked = new Map([[3, "QUORUM"]]);
  expect(verdictJson(verdict({ compared: 8, different: 2, differences, unasked }), names)).toEqual({
    keys: 10,
    compared: 8,
    different: 2,
    unreachable: 1,
    differences: [
      { namespace: "default", key: "k\u001b[2J", groups: [[1, 2], [3]], missing: [], damaged: [] },
      { namespace: "carts", keyBase64: "/w==", groups: [[2]], missing: [1], damaged: [3] },
    ],
    unasked: [{ member: 3, name: "plum", code: "QUORUM" }],
  });
});
