/** Both accountants beside the plainest one there is: a list of what each home said. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { ReadQuorum } from "./read-quorum.ts";
import { type QuorumState, WriteQuorum } from "./write-quorum.ts";

type Said = "nothing" | "synced" | "stored" | "failed";

const scenarios = fc.integer({ min: 1, max: 31 }).chain((homes) =>
  fc.record({
    homes: fc.constant(homes),
    needed: fc.integer({ min: 1, max: homes }),
    words: fc.array(
      fc.tuple(fc.nat(homes - 1), fc.constantFrom<Said>("synced", "stored", "failed", "failed")),
      { maxLength: 3 * homes },
    ),
  }),
);

function stateOf(said: readonly Said[], needed: number): QuorumState {
  const good = said.filter((word) => word === "synced" || word === "stored").length;
  const open = said.filter((word) => word === "nothing").length;
  if (good >= needed) return "reached";
  return good + open < needed ? "impossible" : "pending";
}

it("a write: the first word of each home counts, and nothing leads back from an end", () => {
  fc.assert(
    fc.property(scenarios, ({ homes, needed, words }) => {
      const quorum = new WriteQuorum(homes, needed);
      const said = Array.from({ length: homes }, (): Said => "nothing");
      const order: number[] = [];
      let before = quorum.state;
      expect(before).toBe("pending");
      for (const [home, word] of words) {
        const news = said[home] === "nothing";
        const told = word === "failed" ? quorum.addFailure(home) : quorum.addAck(home, word === "synced");
        expect(told).toBe(news);
        if (news) said[home] = word;
        if (news && word !== "failed") order.push(home);
        expect(quorum.state).toBe(stateOf(said, needed));
        expect(quorum.acked).toEqual(order);
        expect(quorum.fsynced).toBe(said.filter((each) => each === "synced").length);
        if (before !== "pending") expect(quorum.state).toBe(before);
        before = quorum.state;
      }
    }),
  );
});

it("a read: the last word of each home counts", () => {
  fc.assert(
    fc.property(scenarios, ({ homes, needed, words }) => {
      const quorum = new ReadQuorum(homes, needed);
      const said = Array.from({ length: homes }, (): Said => "nothing");
      let order: number[] = [];
      for (const [home, word] of words) {
        if (word === "failed") {
          quorum.addFailure(home);
          order = order.filter((each) => each !== home);
        } else {
          quorum.addAnswer(home);
          if (!order.includes(home)) order.push(home);
        }
        said[home] = word;
        expect(quorum.state).toBe(stateOf(said, needed));
        expect(quorum.answered).toEqual(order);
        for (let each = 0; each < homes; each++) {
          expect(quorum.hasAnswered(each)).toBe(order.includes(each));
          expect(quorum.hasFailed(each)).toBe(said[each] === "failed");
        }
      }
    }),
    { numRuns: 300 },
  );
});
