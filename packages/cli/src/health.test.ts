import { describe, expect, test } from "vitest";
import type { MemberRow, PeerRow, StatusRow } from "./admin.ts";
import type { ExchangeRow } from "./admin-copies.ts";
import { statusText } from "./commands/status.ts";
import { healthOf, type Seen } from "./health.ts";

const GIB = 1024 ** 3;

function member(id: number): MemberRow {
  const at = (base: number): string => `127.0.0.1:${base + id}`;
  const where = { host: `host-${id}`, zone: "z", region: "r", weight: 100 };
  return { id, name: `m${id}`, ...where, peer: at(7600), resp: at(7400), http: at(7500), reachable: true };
}

function peer(id: number, change: Partial<PeerRow> = {}): PeerRow {
  return { name: `m${id}`, state: "up", reason: "", roundTripMs: 0.4, clockOffsetMs: 0, ...change };
}

const whole: StatusRow = {
  state: "serving",
  cluster: "orchard",
  epoch: 1,
  topologyDigest: "aa",
  peers: [],
  journalBytes: 4096,
  gets: 500,
  puts: 25,
  failures: 1,
  damagedRecords: 0,
  conflictsOverflowed: 0,
  clockSuspended: false,
  upkeep: null,
  release: "0.1.0",
  process: {
    uptimeMs: 100_000,
    residentBytes: 120 * 1024 ** 2,
    diskFreeBytes: 50 * GIB,
    diskTotalBytes: 100 * GIB,
    dataBytes: 3 * GIB,
  },
};

function seen(id: number, change: Partial<StatusRow> = {}): Seen {
  const peers = [1, 2, 3].filter((other) => other !== id).map((other) => peer(other));
  return { member: member(id), status: { ...whole, peers, ...change }, error: "" };
}

function gone(id: number, error = ""): Seen {
  return { member: member(id), status: null, error };
}

const down = (id: number): PeerRow => peer(id, { state: "down", reason: "connection refused" });

describe("wrong is", () => {
  test("nothing, when all serve and agree", () => {
    expect(healthOf([seen(1), seen(2), seen(3)])).toEqual({ wrong: [], look: [] });
  });

  test("who does not answer, then who is not reached by whom", () => {
    const { wrong } = healthOf([
      gone(1),
      seen(2, { peers: [down(1), peer(3)] }),
      seen(3, { peers: [down(1), peer(2)] }),
    ]);
    expect(wrong).toEqual(["m1 does not answer at 127.0.0.1:7401", "m1 is down for m2, m3"]);
    expect(healthOf([gone(1, "LOADING")]).wrong).toEqual(["m1 answers: LOADING"]);
  });

  test("a refusal with its reason, a state, a clock, a disagreement", () => {
    const refused = peer(2, { state: "refused", reason: "another topology" });
    expect(healthOf([seen(1, { peers: [refused] })]).wrong).toEqual([
      "m2 is refused for m1 (another topology)",
    ]);
    expect(healthOf([seen(1, { state: "starting" })]).wrong).toEqual(["m1 is starting, not serving"]);
    expect(healthOf([seen(1, { clockSuspended: true })]).wrong).toEqual([
      expect.stringContaining("the clock of m1 is too far ahead"),
    ]);
    expect(healthOf([seen(1), seen(2, { topologyDigest: "bb" }), seen(3)]).wrong).toEqual([
      "the members do not agree on the topology: m1, m3 / m2; compare their configurations",
    ]);
  });
});

describe("worth a look is", () => {
  test.each([
    [{ diskFreeBytes: GIB, diskTotalBytes: 10 * GIB }, 0],
    [{ diskFreeBytes: GIB - 1, diskTotalBytes: 2 * GIB }, 1],
    [{ diskFreeBytes: 9 * GIB, diskTotalBytes: 100 * GIB }, 1],
  ])("a disk with %j", (change, count) => {
    const process = whole.process === null ? null : { ...whole.process, ...change };
    expect(healthOf([seen(1, { process })])).toMatchObject({ wrong: [], look: { length: count } });
  });

  test("damage, a clock that runs ahead, releases that differ", () => {
    expect(healthOf([seen(1, { damagedRecords: 2 })]).look).toEqual([
      expect.stringContaining("2 damaged records"),
    ]);
    expect(healthOf([seen(1, { conflictsOverflowed: 12 })])).toEqual({
      wrong: [],
      look: [
        "the conflict ledger of m1 overflowed: 12 entries went before their time since it started; read it with kvorum conflicts",
      ],
    });
    expect(healthOf([seen(1, { peers: [peer(2, { clockOffsetMs: 3_000 })] })]).look).toEqual([
      "the clock of m2 is 3s ahead of that of m1",
    ]);
    expect(healthOf([seen(1), seen(2, { release: "", process: null })]).look).toEqual([
      "releases differ: m1 run 0.1.0; m2 run an older one",
    ]);
  });
});

describe("an old proof is worth a look", () => {
  const exchange: ExchangeRow = {
    peer: 2,
    name: "m2",
    partitions: 16,
    proven: 16,
    oldestProofMs: 30_000,
    exchanges: 3,
    different: 0,
    repaired: 0,
    bytes: 0,
    lastCode: "OK",
  };
  const upkeep = (change: Partial<ExchangeRow>) => ({
    slotsUnknown: 0,
    exchangeEveryMs: 1_000,
    exchanges: [{ ...exchange, ...change }],
  });

  test("when thirty turns have passed, and the peer is there", () => {
    expect(healthOf([seen(1, { upkeep: upkeep({}) })]).look).toEqual([]);
    const late = upkeep({ oldestProofMs: 30_001 });
    expect(healthOf([seen(1, { upkeep: late })]).look).toEqual([
      "m1 and m2 have not been proven to hold the same for 30s; see kvorum exchanges",
    ]);
    expect(healthOf([seen(1, { upkeep: late, peers: [down(2)] })]).look).toEqual([]);
  });

  test("and the age of the oldest stands in the member's line", () => {
    const { exchanges } = upkeep({ oldestProofMs: 5_000 });
    const both = { ...upkeep({}), exchanges: [...exchanges, { ...exchange, name: "m3" }] };
    const text = (all: readonly Seen[]): string => statusText(all, healthOf(all));
    expect(text([seen(1, { upkeep: both })])).toMatch(/ 0\.40 ms +30s +1m 40s /);
    expect(text([seen(1, { upkeep: { ...both, slotsUnknown: 7 } })])).toMatch(
      / 0\.40 ms +7 slots are read +1m/,
    );
  });
});

test("people read what is wrong first, then a line for each member", () => {
  const all = [gone(1), seen(2, { peers: [down(1), peer(3, { roundTripMs: 1.26 })] })];
  const text = statusText(all, healthOf(all));
  expect(text.split("\n").map((line) => line.replaceAll(/ {2,}/g, "  "))).toEqual([
    "orchard, epoch 1: 2 members, 2 wrong",
    "",
    "  wrong: m1 does not answer at 127.0.0.1:7401",
    "  wrong: m1 is down for m2",
    "",
    "  member  redis  state  peers  round trip  proofs  up for  release  gets  a second  puts  a second  failed  journal  data  disk free  memory",
    "  m1  127.0.0.1:7401  no answer",
    "  m2  127.0.0.1:7402  serving  1 up, m1 down  1.3 ms  1m 40s  0.1.0  500  5.0  25  0.25  1  4.0 KiB  3.0 GiB  50 GiB  120 MiB",
    "",
  ]);
  expect(statusText([gone(1)], healthOf([gone(1)]))).toMatch(/^no member answered\n/);
});
