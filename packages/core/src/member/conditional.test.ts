/** Conditional writes, decided by a majority of the key's homes. */
import { describe, expect, it } from "vitest";
import { latin1Encode } from "../base/utf8.ts";
import { dotText } from "../version/dot.ts";
import { TestCluster, keyAt } from "./cluster.fixture.ts";
import { decide, increment, propose, said, serial } from "./conditional.fixture.ts";

describe("a conditional write", () => {
  it("succeeds once, whoever asks where", () => {
    const cluster = new TestCluster(5);
    const asks = [1, 2, 3, 4, 5].map((at) =>
      propose(cluster, at, "name", { condition: "absent", change: "put", value: `by ${at}`, want: "record" }),
    );
    cluster.run(500);
    const won = asks.filter(({ result }) => result?.code === "OK");
    expect(won.length).toBe(1);
    const winner = `by ${asks.findIndex(({ result }) => result?.code === "OK") + 1}`;
    for (const ask of asks) if (ask.result?.code !== "OK") expect(said(ask)).toBe(`CONDITION ${winner}`);
    for (const at of [1, 2, 3, 4, 5]) expect(cluster.values(at, "name")).toEqual([winner]);
  });

  it("says what it achieved, and its clock grows", () => {
    const cluster = new TestCluster(3);
    const clocks: number[] = [];
    for (const value of ["a", "b", "c"]) {
      const ask = propose(cluster, 2, "key", { change: "put", value, wantReceipt: true });
      cluster.run(100);
      const receipt = ask.result?.receipt ?? null;
      expect(receipt?.homes.length).toBeGreaterThanOrEqual(2);
      expect(receipt?.fsynced).toBeGreaterThanOrEqual(2);
      clocks.push(receipt?.dot.clock ?? 0);
      const [version] = cluster.get(1, "key").versions();
      expect(version === undefined ? "" : dotText(version.dot)).toBe(
        receipt === null ? "-" : dotText(receipt.dot),
      );
    }
    expect(clocks).toEqual(clocks.toSorted((a, b) => a - b));
    expect(new Set(clocks).size).toBe(3);
  });

  it.each([
    ["absent", "", "CONDITION", "OK"],
    ["present", "", "OK", "CONDITION"],
    ["value", "old", "OK", "CONDITION"],
    ["value", "other", "CONDITION", "CONDITION"],
    ["not-value", "old", "CONDITION", "OK"],
    ["not-value", "other", "OK", "OK"],
    ["digest", "bf4ec1c1cd88f9f3", "CONDITION", "CONDITION"],
    ["not-digest", "bf4ec1c1cd88f9f3", "OK", "OK"],
  ] as const)(
    "if %s %s: %s where there is a value, %s where there is none",
    (condition, operand, there, none) => {
      const cluster = new TestCluster(3);
      cluster.set(1, "there", "old");
      const wish = { condition, operand, change: "put", value: "new" } as const;
      expect([decide(cluster, 2, "there", wish), decide(cluster, 3, "none", wish)]).toEqual([there, none]);
      expect(cluster.values(1, "there")).toEqual([there === "OK" ? "new" : "old"]);
      expect(cluster.values(1, "none")).toEqual(none === "OK" ? ["new"] : []);
    },
  );

  it("with a context succeeds while nothing has changed, and not once something has", () => {
    const cluster = new TestCluster(3);
    cluster.set(1, "key", "one");
    const token = cluster.get(2, "key").token();
    const wish = { condition: "context", operand: token, change: "put" } as const;
    expect(decide(cluster, 3, "key", { ...wish, value: "two" })).toBe("OK");
    expect(decide(cluster, 3, "key", { ...wish, value: "three" })).toBe("CONDITION");
    expect(decide(cluster, 3, "other", wish)).toBe("BADCONTEXT");
    const none = cluster.get(2, "none").token();
    expect(
      decide(cluster, 1, "none", { condition: "context", operand: none, change: "put", value: "x" }),
    ).toBe("OK");
    expect(decide(cluster, 1, "none", { condition: "context", operand: none, change: "put" })).toBe(
      "CONDITION",
    );
  });

  it("sees every plain write that a majority has acknowledged, though it knows the last ballot", () => {
    const cluster = new TestCluster(3);
    const key = keyAt(cluster, 1);
    expect(increment(cluster, 1, key)).toBe("OK 1");
    cluster.cut(1, 2);
    cluster.cut(1, 3);
    cluster.run(100);
    cluster.set(2, key, "40");
    cluster.heal();
    cluster.run(2_000);
    expect(increment(cluster, 1, key)).toBe("OK 41");
  });

  it("of several siblings says that they conflict, where it is about their value", () => {
    const cluster = new TestCluster(3);
    cluster.set(1, "key", "1");
    const token = cluster.get(1, "key").token();
    cluster.set(1, "key", "2", { context: token });
    cluster.set(1, "key", "3", { context: token });
    expect(increment(cluster, 2, "key")).toBe("CONFLICT");
    expect(decide(cluster, 2, "key", { condition: "absent", change: "put" })).toBe("CONDITION");
    expect(decide(cluster, 2, "key", { condition: "present", change: "put", value: "4" })).toBe("OK");
    expect(cluster.values(3, "key")).toEqual(["4"]);
  });

  it("goes on while a minority is away, and is refused when nothing can be decided", () => {
    const cluster = new TestCluster(3);
    const key = keyAt(cluster, 1);
    expect(increment(cluster, 2, key)).toBe("OK 1");
    cluster.at(1).crash();
    cluster.run(100);
    expect(increment(cluster, 2, key)).toBe("OK 2");
    cluster.at(1).boot();
    cluster.run(3_000);
    expect(increment(cluster, 1, key)).toBe("OK 3");
    cluster.at(2).crash();
    cluster.at(3).crash();
    cluster.run(100);
    expect(increment(cluster, 1, key)).toBe("QUORUM");
    expect(serial(cluster, 1, key)).toBe("QUORUM");
  });

  it("that a majority did not acknowledge in time has an unknown outcome, which the next one settles", () => {
    const cluster = new TestCluster(3);
    const key = keyAt(cluster, 1);
    increment(cluster, 1, key);
    for (const id of [2, 3]) cluster.at(id).storage.held = true;
    const ask = propose(cluster, 1, key, { change: "increment", value: "1", want: "after" });
    cluster.run(1_100);
    expect(ask.result?.code).toBe("TIMEOUT");
    expect(ask.result?.text).toContain("outcome unknown");
    for (const id of [2, 3]) cluster.at(id).storage.held = false;
    cluster.run(100);
    // Accepted by all by now: whoever comes next finishes it, and nobody uses its ballot again.
    expect(increment(cluster, 1, key)).toBe("OK 3");
    expect(serial(cluster, 2, key)).toBe("OK 3");
  });
});

describe("a namespace whose policy is strong", () => {
  it("decides every write, and reads serially", () => {
    const cluster = new TestCluster(3, {}, "strong");
    const first = cluster.set(2, "key", "1");
    expect(dotText(first.receipt?.dot ?? { member: 0, start: 0, clock: 0 })).toMatch(/^cas\./);
    expect(cluster.values(3, "key")).toEqual(["1"]);
    expect(increment(cluster, 3, "key")).toBe("OK 2");
    const token = cluster.get(1, "key").token();
    expect(cluster.set(1, "key", "3", { context: token }).code).toBe("OK");
    expect(cluster.set(1, "key", "4", { context: token }).code).toBe("CONFLICT");
    expect(cluster.remove(2, "key")).toMatchObject({ code: "OK", existed: true });
    expect(cluster.remove(2, "key")).toMatchObject({ code: "OK", existed: false, receipt: null });
    expect(cluster.get(3, "key").newestLive()).toBe(null);
    cluster.at(1).crash();
    cluster.at(2).crash();
    cluster.run(100);
    expect(cluster.set(3, "key", "x", { w: 1 }).code).toBe("QUORUM");
    expect(cluster.get(3, "key", 1).code).toBe("QUORUM");
    // Unless it says that any home will do.
    const codes: string[] = [];
    const request = {
      namespace: 1,
      key: latin1Encode("key"),
      r: 1,
      headOnly: false,
      repair: "none",
    } as const;
    const user = { onGet: (_tag: number, { code }: { code: string }) => void codes.push(code) };
    cluster.at(3).member?.get({ ...request, plain: true, timeoutMs: 1_000 }, user, 0);
    cluster.run(50);
    expect(codes).toEqual(["OK"]);
  });
});

it("shows what each home has promised and accepted", () => {
  const cluster = new TestCluster(3);
  const key = keyAt(cluster, 1);
  expect(cluster.explain(1, key).views.map(({ acceptor }) => acceptor?.promised)).toEqual(["-", "-", "-"]);
  increment(cluster, 1, key);
  cluster.run(100);
  for (const { acceptor } of cluster.explain(2, key).views) {
    expect(acceptor?.accepted).toMatch(/^1\.\d+\.1$/);
    expect(acceptor?.unfinished).toBe(false);
  }
  cluster.at(3).crash();
  cluster.run(100);
  const views = cluster.explain(1, key).views.filter(({ member }) => member === 3);
  expect(views.map(({ acceptor }) => acceptor)).toEqual([null]);
});

describe("what queues up for a key", () => {
  it("is decided together, each with its own answer", () => {
    const cluster = new TestCluster(3);
    const asks = Array.from({ length: 50 }, () =>
      propose(cluster, 1, "hot", { change: "increment", value: "1", want: "after" }),
    );
    cluster.run(200);
    expect(asks.map(said)).toEqual(asks.map((_, i) => `OK ${i + 1}`));
    expect(serial(cluster, 3, "hot")).toBe("OK 50");
  });

  it("is bounded", () => {
    const cluster = new TestCluster(3, { conditionalQueueMax: 4 });
    const key = keyAt(cluster, 1);
    const asks = Array.from({ length: 7 }, () =>
      propose(cluster, 1, key, { change: "increment", value: "1", want: "after" }),
    );
    cluster.run(100);
    expect(asks.map(said)).toEqual(["OK 1", "OK 2", "OK 3", "OK 4", "OK 5", "OVERLOADED", "OVERLOADED"]);
  });

  it("is bounded over all keys too, and what is refused was not written", () => {
    const cluster = new TestCluster(3, { operationsMax: 40 });
    const keys = Array.from({ length: 100 }, (_, i) => `key-${i}`)
      .filter((key) => cluster.explain(1, key).homes[0] === 1)
      .slice(0, 6);
    for (const { storage } of cluster.members) storage.held = true;
    const asks = Array.from({ length: 60 }, (_, i) =>
      propose(cluster, 1, keys[i % 6] ?? "", { change: "increment", value: "1", want: "after" }),
    );
    cluster.pump();
    for (const { storage } of cluster.members) storage.held = false;
    cluster.run(500);
    const refused = asks.filter(({ result }) => result?.code === "OVERLOADED").length;
    const done = asks.filter(({ result }) => result?.code === "OK").length;
    expect([refused + done, refused > 0]).toEqual([60, true]);
    const counts = keys.map((key) => Number(serial(cluster, 2, key).split(" ")[1] ?? 0));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(done);
  });

  it("names in each receipt what its author has seen, and not what came after", () => {
    const cluster = new TestCluster(3);
    const [first] = ["a", "b"].map((value) =>
      propose(cluster, 1, "key", { change: "put", value, wantReceipt: true }),
    );
    cluster.run(200);
    expect(cluster.values(1, "key")).toEqual(["b"]);
    const token = first?.result?.receipt?.token ?? "";
    cluster.set(1, "key", "c", { context: token });
    expect(cluster.values(1, "key")).toEqual(["b", "c"]);
  });
});

describe("a serial read", () => {
  it("finds what the last conditional write left, at any member", () => {
    const cluster = new TestCluster(5);
    expect(serial(cluster, 4, "key")).toBe("OK");
    for (let i = 1; i <= 5; i++) {
      expect(increment(cluster, i, "key")).toBe(`OK ${i}`);
      expect(serial(cluster, 6 - i, "key")).toBe(`OK ${i}`);
    }
  });

  it("of a key at rest is answered by any home, and its proposer is not asked", () => {
    const cluster = new TestCluster(3);
    const key = keyAt(cluster, 1);
    increment(cluster, 2, key);
    cluster.run(100);
    const ask = propose(cluster, 2, key, { want: "record" });
    cluster.pump();
    expect(said(ask)).toBe("OK 1");
    expect(cluster.at(2).member?.status().counters.forwarded).toBe(1);
  });

  it("finishes what was accepted and not acknowledged, and whoever reads after it finds the same", () => {
    const cluster = new TestCluster(3);
    const key = keyAt(cluster, 1);
    increment(cluster, 1, key);
    cluster.run(100);
    const ask = propose(cluster, 1, key, { change: "increment", value: "1", want: "after" });
    // Accepted there, and committed nowhere.
    cluster.sendFrom(1, 2);
    cluster.at(2).storage.pump();
    cluster.at(1).crash();
    cluster.run(100);
    expect(said(ask)).toBe("-");
    expect(serial(cluster, 3, key)).toBe("OK 2");
    expect(serial(cluster, 2, key)).toBe("OK 2");
    expect(cluster.values(3, key)).toEqual(["2"]);
  });

  it("appends nothing where nothing is unfinished", () => {
    const cluster = new TestCluster(3);
    increment(cluster, 1, "key");
    cluster.run(3_000);
    const rows = cluster.members.map(({ storage }) =>
      [...storage.rows.values()].map((row) => row.length).join(),
    );
    expect(serial(cluster, 2, "key")).toBe("OK 1");
    cluster.run(100);
    expect(
      cluster.members.map(({ storage }) => [...storage.rows.values()].map((row) => row.length).join()),
    ).toEqual(rows);
  });
});

it("a value with a time to live is there until then, and absent after", () => {
  const cluster = new TestCluster(3);
  const now = cluster.at(1).member?.nowMs() ?? 0;
  const lock = { condition: "absent", change: "put", expiry: "at" } as const;
  expect(decide(cluster, 1, "lock", { ...lock, value: "me", expiryMs: now + 1_000 })).toBe("OK");
  expect(decide(cluster, 2, "lock", { ...lock, value: "you", expiryMs: now + 9_000 })).toBe("CONDITION");
  cluster.run(1_100);
  expect(decide(cluster, 2, "lock", { ...lock, value: "you", expiryMs: now + 9_000 })).toBe("OK");
  const { expiryMs } = cluster.get(3, "lock").newestLive() ?? { expiryMs: 0 };
  expect(expiryMs).toBe(now + 9_000);
  expect(decide(cluster, 3, "lock", { change: "append", value: "!", expiry: "keep" })).toBe("OK");
  expect(cluster.get(1, "lock").newestLive()).toMatchObject({
    expiryMs: now + 9_000,
    value: latin1Encode("you!"),
  });
});

it.each([
  ["serial reader", 2, { want: "record" }],
  ["condition", 1, { condition: "value", operand: "v", change: "put", value: "w" }],
] as const)(
  "a value that one %s has found expired is found live by no reader after it",
  (_who, home, wish) => {
    const cluster = new TestCluster(3);
    // Members 1 and 3 both ask 2. The clock of 1 is ahead of the others by what they have not heard of it.
    const key = keyAt(cluster, home);
    cluster.at(1).crash();
    cluster.at(1).wallOffsetMs = 200;
    cluster.at(1).boot();
    cluster.run(3_000);
    cluster.cut(1, 3);
    const nowMs = (): number => cluster.at(1).member?.nowMs() ?? 0;
    const expiryMs = nowMs() + 1_000;
    cluster.set(2, key, "v", { expiryMs });
    while (nowMs() < expiryMs - 20) cluster.run(10);
    expect(serial(cluster, 3, key)).toBe("OK v");
    const first = propose(cluster, 1, key, wish);
    cluster.at(1).storage.pump();
    cluster.sendFrom(1, 2);
    cluster.at(2).storage.pump();
    cluster.nowMs += 50;
    cluster.sendFrom(2, 1);
    const early = said(first);
    const second = propose(cluster, 3, key, { want: "record" });
    cluster.at(3).storage.pump();
    cluster.sendFrom(3, 2);
    cluster.at(2).storage.pump();
    cluster.sendFrom(2, 3);
    expect([early, said(second)]).toEqual(["-", "OK v"]);
    cluster.pump();
    expect(said(first)).toBe(home === 2 ? "OK" : "CONDITION");
    expect(serial(cluster, 3, key)).toBe("OK");
  },
);

it("a serial read at a home to which all others are silent goes to the proposer, long before its deadline", () => {
  const cluster = new TestCluster(3);
  const key = keyAt(cluster, 1);
  increment(cluster, 1, key);
  cluster.run(500);
  const ask = propose(cluster, 1, key, { want: "record", timeoutMs: 60_000 });
  for (let i = 0; i < 100; i++) {
    cluster.nowMs += 10;
    cluster.at(1).storage.pump();
    cluster.at(1).member?.onAlarm();
    cluster.at(1).member?.onTurnEnd();
  }
  expect(said(ask)).toBe("QUORUM");
});
