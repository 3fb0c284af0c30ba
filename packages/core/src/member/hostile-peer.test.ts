/** What a faulty peer can do with well-formed frames. */
import { expect, it } from "vitest";
import { latin1Encode } from "../base/utf8.ts";
import { OUTCOMES } from "../base/outcome.ts";
import { FrameBuilder } from "../wire/frame-builder.ts";
import { encodeReplicated } from "../wire/encode.ts";
import { ALL } from "../quorum/needed.ts";
import { NO_BALLOT } from "../paxos/ballot.ts";
import type { LinkWriter } from "../ports/transport.ts";
import { encodeHint } from "../wire/encode-hints.ts";
import { encodeAccept } from "../wire/encode-paxos.ts";
import { increment } from "./conditional.fixture.ts";
import { TestCluster, keyAt } from "./cluster.fixture.ts";

/** Sends to member 1, on every link that member 2 has with it, a frame of such messages. */
function send(cluster: TestCluster, encode: (writer: LinkWriter, clock: number) => void): void {
  const clock = (1_700_000_000_000 - 1_577_836_800_000 + cluster.nowMs) * 4096;
  for (const end of cluster.at(2).ends.values()) {
    if (end.other?.owner.id !== 1) continue;
    const builder = new FrameBuilder();
    builder.begin(end.writer);
    encode(end.writer, clock);
    builder.finish(end.writer, 1, clock);
  }
}

/** A REPLICATED for each of the given ids. */
function reply(cluster: TestCluster, ids: readonly number[], uncovered: Uint8Array): void {
  send(cluster, (writer) => {
    for (const id of ids) encodeReplicated(writer, id, OUTCOMES.OK.wire, true, false, uncovered);
  });
}

function everyId(): number[] {
  return Array.from({ length: 4_000 }, (_, slot) => (1 << 16) | slot);
}

it.each([
  ["out of order and out of form", 20],
  ["of no whole number of entries", 41],
])(
  "an uncovered context %s does not make the coordinator acknowledge a record that is damaged at birth",
  (_name, bytes) => {
    const cluster = new TestCluster(3);
    const key = keyAt(cluster, 1);
    cluster.set(1, key, "v", { w: ALL });
    const answer = cluster.put(1, key, "w", { w: 1 });
    // One entry: member 9, whose run starts after its clock.
    const entry = new Uint8Array(bytes);
    entry[3] = 9;
    entry[11] = 7;
    entry[19] = 5;
    cluster.at(1).storage.held = true;
    reply(cluster, everyId(), entry);
    cluster.pump();
    cluster.at(1).storage.held = false;
    cluster.run(1_500);
    expect(answer.result?.code).toBe("OK");
    cluster.at(1).crash();
    cluster.at(1).boot();
    cluster.run(3_000);
    expect(cluster.get(1, key, 1).code).toBe("OK");
    expect(cluster.at(1).member?.status().counters.damagedRecords).toBe(0);
  },
);

it("what is proposed without a ballot is not accepted", () => {
  const cluster = new TestCluster(3);
  const { rows } = cluster.at(1).storage;
  const rowsOf = (key: string): string[] => [...rows.keys()].filter((name) => name.endsWith(key));
  cluster.set(1, "fresh", "plain");
  increment(cluster, 1, "other");
  cluster.run(100);
  const [fresh = ""] = rowsOf("fresh");
  const record = rows.get(rowsOf("other").find((name) => name[0] === fresh[0]) ?? "") ?? new Uint8Array();
  expect(record.length).toBeGreaterThan(0);
  const ballots = { ballot: NO_BALLOT, origin: NO_BALLOT, next: NO_BALLOT };
  send(cluster, (writer, clock) => {
    encodeAccept(writer, 1, clock + 4096 * 1_000, 0, latin1Encode(fresh), { ...ballots, record });
  });
  cluster.run(100);
  expect(rowsOf("fresh")).toEqual([fresh]);
  expect(rowsOf("other").length).toBe(2);
});

it("what is delivered beyond the turns that may be waited for is refused", () => {
  const cluster = new TestCluster(3, { hintsInFlightMax: 4 });
  cluster.set(1, "known", "v");
  cluster.run(100);
  const [[name, record] = ["", new Uint8Array()]] = [...cluster.at(1).storage.rows].filter(([row]) =>
    row.endsWith("known"),
  );
  expect(record.length).toBeGreaterThan(0);
  const prefix = name.slice(0, -"known".length);
  send(cluster, (writer, clock) => {
    for (let i = 0; i < 100; i++)
      encodeHint(writer, i, clock, true, false, 1, latin1Encode(`${prefix}${i}`), record);
  });
  cluster.pump();
  const budget = cluster.at(1).member?.status().budget;
  const begun = budget?.operations.hints ?? 0;
  expect(begun).toBeGreaterThan(0);
  expect(budget?.waiting.hints).toBe(8 * 4);
  cluster.run(1_000);
  const merged = [...cluster.at(1).storage.rows.keys()].filter((row) => row.startsWith(prefix));
  expect(merged.length).toBe(1 + begun + 8 * 4);
});
