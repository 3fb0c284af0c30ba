/** What a faulty peer can do with well-formed frames. */
import { expect, it } from "vitest";
import { OUTCOMES } from "../base/outcome.ts";
import { FrameBuilder } from "../wire/frame-builder.ts";
import { encodeReplicated } from "../wire/encode.ts";
import { ALL } from "../quorum/needed.ts";
import { TestCluster, keyAt } from "./cluster.fixture.ts";

/** Sends to member 1, on every link that member 2 has with it, a REPLICATED for the given ids. */
function reply(cluster: TestCluster, ids: readonly number[], uncovered: Uint8Array): void {
  const clock = (1_700_000_000_000 - 1_577_836_800_000 + cluster.nowMs) * 4096;
  for (const end of cluster.at(2).ends.values()) {
    if (end.other?.owner.id !== 1) continue;
    const builder = new FrameBuilder();
    builder.begin(end.writer);
    for (const id of ids) encodeReplicated(end.writer, id, OUTCOMES.OK.wire, true, false, uncovered);
    builder.finish(end.writer, 1, clock);
  }
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
