/** Deadlines and clocks. */
import { describe, expect, it } from "vitest";
import { EMPTY_BYTES } from "../base/bytes.ts";
import { latin1Encode } from "../base/utf8.ts";
import { ALL } from "../quorum/needed.ts";
import { encodeToken } from "../version/context-token.ts";
import { hash32 } from "../base/hash.ts";
import { contextWith } from "../version/causal-context.ts";
import { HLC_TICKS, hlcOfMs } from "../version/hlc.ts";
import type { Member } from "./member.ts";
import { TestCluster, type TestMember, keyAt } from "./cluster.fixture.ts";

/** As SIGSTOP: what comes in waits. `wake` hands it over, storage first, as an event loop that was stopped in its poll. */
function pause(stopped: TestMember): { wake: () => void } {
  const { member, storage } = stopped;
  const chunks: (readonly [number, Uint8Array])[] = [];
  const standIn = {
    onLinkBytes: (link: number, chunk: Uint8Array): void => void chunks.push([link, chunk.slice()]),
    onLinkDown: (): void => undefined,
    onTurnEnd: (): void => undefined,
    onAlarm: (): void => undefined,
  };
  const pump = storage.pump.bind(storage);
  storage.pump = () => false;
  stopped.member = standIn as unknown as Member;
  const { alarmMs } = stopped;
  stopped.alarmMs = Infinity;
  return {
    wake: () => {
      storage.pump = pump;
      stopped.member = member;
      storage.pump();
      for (const [link, chunk] of chunks) member?.onLinkBytes(link, chunk);
      stopped.alarmMs = alarmMs;
    },
  };
}

describe("deadlines", () => {
  it("a write tried at home after others refused still ends at its deadline", () => {
    const cluster = new TestCluster(3);
    const key = keyAt(cluster, 2, 1);
    cluster.at(2).freeBytes = 1;
    for (const id of [1, 3]) cluster.at(id).storage.held = true;
    const answer = cluster.put(1, key, "v", { timeoutMs: 1_000 });
    // Member 2's refusal takes a while.
    cluster.nowMs += 900;
    cluster.pump();
    cluster.run(200);
    expect(answer.result?.code).toBe("TIMEOUT");
  });

  it("a forwarded write whose deadline has passed at a paused coordinator does not undo what its author wrote since", () => {
    const cluster = new TestCluster(3);
    const key = keyAt(cluster, 2);
    cluster.at(2).crash();
    cluster.at(2).boot();
    cluster.run(3_000);
    // The coordinator has the request, and waits for the key to be read from its disk; then it is stopped.
    const old = cluster.put(1, key, "old", { timeoutMs: 500 });
    cluster.at(1).member?.onTurnEnd();
    for (const end of cluster.at(1).ends.values()) cluster.pumpLink(cluster.at(1), end.link);
    const { wake } = pause(cluster.at(2));
    cluster.run(2_000);
    expect(old.result?.code).toMatch(/TIMEOUT|UNKNOWN/);
    // Its author carries on elsewhere.
    expect(cluster.set(1, key, "new").code).toBe("OK");
    wake();
    cluster.run(3_000);
    expect(cluster.values(1, key, ALL)).toEqual(["new"]);
  });
});

describe("the second mint", () => {
  it("does not bring back what a delete had seen and removed", () => {
    const cluster = new TestCluster(3);
    const key = keyAt(cluster, 1);
    // The coordinator misses a value, so that its next overwrite must be minted twice.
    cluster.cut(1, 2);
    cluster.cut(1, 3);
    expect(cluster.set(2, key, "before").code).toBe("OK");
    cluster.heal();
    cluster.run(3_000);
    // Its clock's ceiling is ahead.
    cluster.set(1, "another", "v");
    cluster.run(100);
    const put = cluster.put(1, key, "x", { timeoutMs: 10_000 });
    cluster.at(1).member?.onTurnEnd();
    for (const end of cluster.at(1).ends.values()) cluster.pumpLink(cluster.at(1), end.link);
    // It is stopped for a second, while the replies are on their way.
    const { wake } = pause(cluster.at(1));
    cluster.run(1_000);
    // Somebody reads the write, deletes what he read, and is told that it is gone.
    expect(cluster.values(2, key)).toEqual(["before", "x"]);
    expect(cluster.remove(2, key, { context: cluster.get(2, key).token() }).code).toBe("OK");
    expect(cluster.values(3, key)).toEqual([]);
    wake();
    cluster.run(3_000);
    expect(put.result?.code).toBe("OK");
    expect(cluster.values(3, key, ALL)).toEqual([]);
  });
});

describe("clocks", () => {
  it.each([8_000])(
    "a forwarded write is dropped after its deadline, though its sender's clock is %i ms ahead",
    (aheadMs) => {
      const cluster = new TestCluster(3);
      const key = keyAt(cluster, 2);
      cluster.at(1).crash();
      cluster.at(1).wallOffsetMs = aheadMs;
      cluster.at(1).boot();
      cluster.run(3_000);
      // The coordinator is stopped before the request reaches it.
      const { wake } = pause(cluster.at(2));
      const old = cluster.put(1, key, "old", { timeoutMs: 500 });
      cluster.run(2_000);
      expect(old.result?.code).toMatch(/TIMEOUT|UNKNOWN/);
      expect(cluster.set(1, key, "new").code).toBe("OK");
      wake();
      cluster.run(3_000);
      expect(cluster.values(1, key, ALL)).toEqual(["new"]);
    },
  );

  it("a client's tokens do not drive the cluster's clock away from every wall clock", () => {
    const cluster = new TestCluster(3);
    const name = latin1Encode("test");
    const scope = { cluster: hash32(name, 0, name.length, 0), namespace: 1 };
    const key = keyAt(cluster, 1);
    for (let i = 0; i < 20; i++) {
      const ahead = hlcOfMs(cluster.at(1).member?.nowMs() ?? 0) + 9_000 * HLC_TICKS;
      const forged = encodeToken(scope, latin1Encode(key), {
        claims: contextWith(EMPTY_BYTES, 77, 1, ahead),
        dots: EMPTY_BYTES,
      });
      cluster.set(1, key, "v", { context: forged });
      cluster.run(1_000);
    }
    const wallMs = cluster.nowMs + 1_700_000_000_000;
    const aheadMs = (cluster.at(1).member?.nowMs() ?? 0) - wallMs;
    expect(aheadMs).toBeLessThan(20_000);
  });

  it("a member with the right time can come back, however the others' clocks have crept", () => {
    const cluster = new TestCluster(3);
    const name = latin1Encode("test");
    const scope = { cluster: hash32(name, 0, name.length, 0), namespace: 1 };
    const key = keyAt(cluster, 1);
    cluster.at(3).crash();
    for (let i = 0; i < 5; i++) {
      const ahead = hlcOfMs(cluster.at(1).member?.nowMs() ?? 0) + 9_000 * HLC_TICKS;
      const forged = encodeToken(scope, latin1Encode(key), {
        claims: contextWith(EMPTY_BYTES, 77, 1, ahead),
        dots: EMPTY_BYTES,
      });
      cluster.set(1, key, "v", { context: forged });
      cluster.run(1_000);
    }
    cluster.at(3).boot();
    cluster.run(5_000);
    expect(cluster.at(1).member?.reachable(3)).toBe(true);
  });

  it("peers remember over their own restarts what they heard, so that a wiped member is recognised", () => {
    const cluster = new TestCluster(3);
    const key = keyAt(cluster, 1);
    for (let i = 0; i < 200; i++) {
      expect(cluster.set(1, key, `v${i}`, { w: ALL }).code).toBe("OK");
      cluster.run(100);
    }
    for (const id of [1, 2, 3]) cluster.at(id).crash();
    cluster.at(1).storage.rows.clear();
    for (const id of [1, 2, 3]) cluster.at(id).boot();
    cluster.run(3_000);
    expect(cluster.at(1).fatals).toContain("rolled-back");
  });
});
