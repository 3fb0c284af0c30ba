/** Members that are away for a while get what they have missed from those who kept it for them. */
import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS, type Limits } from "../config/limits.ts";
import type { TargetStatus } from "../hints/hint-tally.ts";
import type { MemberId } from "../model/member.ts";
import { ALL } from "../quorum/needed.ts";
import { TestCluster, keyAt } from "./cluster.fixture.ts";

function hinting(members: number, limits: Partial<Limits> = {}): TestCluster {
  return new TestCluster(members, { hintsMax: DEFAULT_LIMITS.hintsMax, fallbacksMax: 3, ...limits });
}

function hintsAt(cluster: TestCluster, holder: MemberId, target: MemberId): TargetStatus | null {
  const all = cluster.at(holder).member?.status().upkeep.hints ?? [];
  return all.find((hints) => hints.target === target) ?? null;
}

/** Nothing passes between this member and any other. */
function isolate(cluster: TestCluster, id: MemberId): void {
  for (const other of cluster.members) if (other.id !== id) cluster.cut(id, other.id);
}

/** What this home answers by itself. */
function heldAt(cluster: TestCluster, home: MemberId, key: string): number {
  const view = cluster.explain(home, key).views.find(({ member }) => member === home);
  return view?.versions.length ?? 0;
}

describe("a home keeps references for another", () => {
  it("that was away, and delivers when it is back", () => {
    const cluster = hinting(3);
    isolate(cluster, 3);
    const keys = Array.from({ length: 200 }, (_, i) => `key-${i}`);
    for (const key of keys) expect(cluster.set(1, key, "v").code).toBe("OK");
    // Whoever coordinated a write keeps its reference.
    const kept = [1, 2].map((holder) => hintsAt(cluster, holder, 3)?.references ?? 0);
    expect(kept.reduce((sum, count) => sum + count, 0)).toBe(200);
    cluster.heal();
    cluster.run(3_000);
    for (const key of keys) expect(heldAt(cluster, 3, key)).toBe(1);
    for (const holder of [1, 2])
      expect(hintsAt(cluster, holder, 3)).toMatchObject({
        references: 0,
        bytes: 0,
        oldestMs: 0,
        lastCode: "OK",
      });
  });

  it("no faster than the one that was away has room for, however much the others have", () => {
    const cluster = hinting(3, { backgroundOpsMin: 20, backgroundOpsMax: 20 });
    isolate(cluster, 3);
    for (let i = 0; i < 200; i++) cluster.set(1, `key-${i}`, "v");
    const left = (): number =>
      [1, 2].reduce((sum, holder) => sum + (hintsAt(cluster, holder, 3)?.references ?? 0), 0);
    expect(left()).toBe(200);
    cluster.heal();
    cluster.run(3_000);
    const before = left();
    expect(before).toBeLessThan(200);
    cluster.run(2_000);
    expect(before - left()).toBeGreaterThan(30);
    expect(before - left()).toBeLessThan(50);
    expect(cluster.at(3).member?.status().budget.bytes.hints).toBeGreaterThan(0);
  });

  it("also over a crash of the holder", () => {
    const cluster = hinting(3);
    const key = keyAt(cluster, 1);
    isolate(cluster, 3);
    expect(cluster.set(1, key, "v").code).toBe("OK");
    cluster.at(1).crash();
    cluster.at(1).boot();
    cluster.run(500);
    expect(hintsAt(cluster, 1, 3)?.references).toBe(1);
    cluster.heal();
    cluster.run(3_000);
    expect(heldAt(cluster, 3, key)).toBe(1);
    expect(hintsAt(cluster, 1, 3)?.references).toBe(0);
  });

  it("that has not answered when the end of the write was told", () => {
    const cluster = hinting(3);
    const key = keyAt(cluster, 1);
    cluster.at(3).storage.held = true;
    expect(cluster.set(1, key, "v").code).toBe("OK");
    expect(hintsAt(cluster, 1, 3)).toBeNull();
    cluster.run(2_500);
    expect(hintsAt(cluster, 1, 3)?.references).toBe(1);
    cluster.at(3).storage.held = false;
    cluster.run(3_000);
    expect(hintsAt(cluster, 1, 3)?.references).toBe(0);
  });

  it("but none for one that answers a little later", () => {
    const cluster = hinting(3);
    const key = keyAt(cluster, 1);
    cluster.at(3).storage.held = true;
    expect(cluster.set(1, key, "v").code).toBe("OK");
    expect(cluster.at(1).member?.status().inFlight.operations).toBe(1);
    cluster.at(3).storage.held = false;
    cluster.run(100);
    expect(cluster.at(1).member?.status().inFlight.operations).toBe(0);
    cluster.run(3_000);
    expect(hintsAt(cluster, 1, 3)).toBeNull();
  });

  it("and waits for nobody when all others have answered, however slow its own disk is", () => {
    const cluster = hinting(3);
    const key = keyAt(cluster, 1);
    cluster.at(1).storage.held = true;
    expect(cluster.set(1, key, "v").code).toBe("OK");
    expect(cluster.at(1).member?.status().inFlight.operations).toBe(0);
    cluster.at(1).storage.held = false;
    cluster.run(3_000);
    expect(cluster.at(1).member?.status().upkeep.hints).toEqual([]);
  });

  it("up to the cap, and says what it dropped", () => {
    const cluster = hinting(3, { hintsMax: 5 });
    isolate(cluster, 3);
    for (let i = 0; i < 40; i++) expect(cluster.set(1, `key-${i}`, "v").code).toBe("OK");
    const [one, two] = [hintsAt(cluster, 1, 3), hintsAt(cluster, 2, 3)];
    expect([one?.references, two?.references]).toEqual([5, 5]);
    expect((one?.dropped ?? 0) + (two?.dropped ?? 0)).toBe(30);
    cluster.run(11_000);
    expect(cluster.at(1).notices.filter((name) => name === "hints-full")).toHaveLength(1);
  });

  it.each([
    [5, 5],
    [6, 6],
    [7, 6],
  ])("for all members together up to the total of %i, and no further: %i of 6", (hintsTotalMax, kept) => {
    const cluster = hinting(3, { hintsTotalMax });
    const keys = Array.from({ length: 60 }, (_, i) => `key-${i}`);
    const own = keys.filter((key) => cluster.explain(1, key).homes[0] === 1);
    for (const id of [2, 3]) isolate(cluster, id);
    for (const key of own.slice(0, 3)) expect(cluster.set(1, key, "v", { w: 1 }).code).toBe("OK");
    cluster.run(3_000);
    const [two, three] = [hintsAt(cluster, 1, 2), hintsAt(cluster, 1, 3)];
    expect((two?.references ?? 0) + (three?.references ?? 0)).toBe(kept);
  });

  it("and a write that comes while it is under way is not lost with it", () => {
    const cluster = hinting(3);
    const key = keyAt(cluster, 1);
    isolate(cluster, 3);
    cluster.set(1, key, "first");
    cluster.heal();
    // The first is under way to member 3, whose disk does not answer, when the second comes and cannot be sent.
    cluster.at(3).storage.held = true;
    cluster.run(1_500);
    isolate(cluster, 3);
    cluster.set(1, key, "second");
    cluster.heal();
    cluster.at(3).storage.held = false;
    cluster.run(5_000);
    expect(cluster.values(3, key, ALL)).toEqual(["second"]);
    expect(cluster.explain(1, key).equal).toBe(true);
  });
});
