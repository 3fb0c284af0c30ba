/** The ledger must be able to complain, or no test that uses it shows anything. */
import { describe, expect, test } from "vitest";
import { Ledger, SetLedger, numberOf, valueOf } from "./ledger.fixture.ts";

const [one, two, three] = [1, 2, 3].map((number) => valueOf("k", number, 30)) as [string, string, string];

function ledger(): Ledger {
  const kept = new Ledger(["k"]);
  kept.begin("k");
  kept.onAcked("k", 1, one);
  kept.begin("k");
  kept.onAcked("k", 2, two);
  kept.begin("k");
  return kept;
}

describe("what all homes hold", () => {
  test("the last acknowledged value is enough, and nothing less", () => {
    expect(ledger().complaint("k", [two])).toBeNull();
    expect(ledger().complaint("k", [])).toContain("LOST");
  });

  test("what was superseded or refused is never right, even beside the right one", () => {
    const kept = ledger();
    kept.onRefused();
    expect(kept.complaint("k", [one])).toContain("#1#");
    expect(kept.complaint("k", [two, one])).toContain("#1#");
    expect(kept.complaint("k", [two, three])).toContain("#3#");
  });

  test("a later unknown one may be there, and may have replaced it", () => {
    const kept = ledger();
    kept.onUnknown("k", 3, three);
    expect(kept.complaint("k", [two])).toBeNull();
    expect(kept.complaint("k", [three, two])).toBeNull();
    expect(kept.complaint("k", [three])).toBeNull();
    expect(kept.complaint("k", [])).toContain("LOST");
    expect(kept.rests("k")).toBe(true);
  });

  test("an earlier unknown one may be there, and may not have replaced it", () => {
    const kept = ledger();
    kept.onUnknown("k", 3, three);
    const four = valueOf("k", kept.begin("k"), 30);
    kept.onAcked("k", 4, four);
    expect(kept.complaint("k", [four, three])).toBeNull();
    expect(kept.complaint("k", [three])).toContain("LOST");
  });

  test("what was removed stays so, and an unknown removal may have happened", () => {
    const kept = ledger();
    kept.onUnknown("k", 3, null);
    expect(kept.complaint("k", [])).toBeNull();
    expect(kept.complaint("k", [two])).toBeNull();
    kept.onAcked("k", kept.begin("k"), null);
    expect(kept.complaint("k", [])).toBeNull();
    expect(kept.complaint("k", [two])).toContain("#2#");
  });
});

describe("what one read shows", () => {
  test("nothing older than what was acknowledged when it began", () => {
    expect(ledger().readComplaint("k", 2, two)).toBeNull();
    expect(ledger().readComplaint("k", 1, one)).toBeNull();
    expect(ledger().readComplaint("k", 2, one)).toContain("after write 2");
    expect(ledger().readComplaint("k", 2, null)).toContain("absent");
    expect(new Ledger(["k"]).readComplaint("k", 0, null)).toBeNull();
  });

  test("nor a value of which a character is wrong", () => {
    expect(numberOf("k", two)).toBe(2);
    expect(() => numberOf("k", `${two.slice(0, -1)}?`)).toThrow("nobody wrote");
    expect(() => numberOf("k", valueOf("other", 2, 30))).toThrow("nobody wrote");
  });
});

test("a set has every acknowledged element, and no refused one", () => {
  const sets = new SetLedger(["s"]);
  sets.onAcked("s", "a");
  sets.onUnknown("s", "b");
  expect(sets.complaint("s", new Set(["a"]))).toBeNull();
  expect(sets.complaint("s", new Set(["a", "b"]))).toBeNull();
  expect(sets.complaint("s", new Set(["b"]))).toContain("LOST a");
  expect(sets.complaint("s", new Set(["a", "c"]))).toContain("refused");
});
