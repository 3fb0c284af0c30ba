/**
 * A scan whose member goes away in the middle goes on at another one, with the cursor it has: keys that are there all
 * the while are shown once, and none is shown twice.
 */
import * as core from "@kvorum/core";
import { type MemberId, SLOTS, type ScanResult } from "@kvorum/core";
import { expect, test } from "vitest";
import { Script } from "./script.fixture.ts";

const MEMBERS: readonly MemberId[] = [1, 2, 3];
const COUNT = 7;

/** One page, whenever it comes; `null`: whoever was asked has gone. */
function page(script: Script, at: MemberId, cursor: number): ScanResult | null {
  const answers: ScanResult[] = [];
  const request = { namespace: 1, cursor, slotEnd: SLOTS, count: COUNT, timeoutMs: 2_000 };
  const user = { onScanned: (_tag: number, result: ScanResult) => void answers.push(result) };
  script.world.member(at).process?.api?.scan(request, user, 0);
  script.world.passUntil(5_000, () => answers.length > 0);
  expect(answers.length).toBeLessThanOrEqual(1);
  return answers[0] ?? null;
}

function nameOf(key: Uint8Array): string {
  return String.fromCharCode(...key);
}

interface Scan {
  readonly keys: string[];
  readonly failures: string[];
}

/** Asks members in turn until the scan is over; `between` happens before each page. */
function scan(script: Script, between: (pages: number) => void): Scan {
  const found: Scan = { keys: [], failures: [] };
  let cursor = 0;
  for (let pages = 0; pages < 1_000; pages++) {
    between(pages);
    const result = page(script, MEMBERS[pages % MEMBERS.length] ?? 1, cursor);
    if (result?.code !== "OK") {
      found.failures.push(result?.code ?? "gone");
      script.world.pass(100);
      continue;
    }
    found.keys.push(...result.keys.map(nameOf));
    cursor = result.cursor;
    if (cursor === 0) return found;
  }
  throw new Error("the scan does not end");
}

function cluster(seeded: number): { script: Script; kept: string[]; passing: string[] } {
  const script = new Script({ members: 3, code: core });
  script.form();
  const kept = Array.from({ length: seeded }, (_, i) => `kept-${i}`);
  const passing = Array.from({ length: seeded }, (_, i) => `passing-${i}`);
  for (const [i, key] of [...kept, ...passing].entries()) script.ok(script.put(1 + (i % 3), key));
  return { script, kept, passing };
}

function expectOnce({ keys }: Scan, kept: readonly string[]): void {
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys.filter((key) => key.startsWith("kept-")).toSorted()).toEqual(kept.toSorted());
}

test("while members are killed and start again, and other keys come and go", () => {
  const { script, kept, passing } = cluster(60);
  let victim: MemberId = 2;
  const found = scan(script, (pages) => {
    // Now and then the member that is to be asked.
    if (pages % 4 === 1) script.world.member(victim).kill();
    if (pages % 4 === 3) {
      script.world.member(victim).boot();
      victim = MEMBERS[(pages >> 2) % MEMBERS.length] ?? 1;
      script.whole();
    }
    const key = passing[pages % passing.length] ?? "";
    script.ended(pages % 2 === 0 ? script.remove(3, key) : script.put(2, key));
  });
  expectOnce(found, kept);
  expect(new Set(found.failures)).toEqual(new Set(["gone"]));
});

test("over power cuts of everybody: what was acknowledged is shown by what the disks hold", () => {
  const { script, kept } = cluster(60);
  const found = scan(script, (pages) => {
    if (pages % 5 !== 2) return;
    for (const id of MEMBERS) script.world.member(id).powerCut("everything");
    for (const id of MEMBERS) script.world.member(id).boot();
    script.whole();
  });
  expectOnce(found, kept);
});

test("a member that hears nobody says so, and the others go on", () => {
  const { script, kept } = cluster(30);
  script.world.cut(1, 2);
  script.world.cut(1, 3);
  script.world.pass(1_000);
  expect(page(script, 1, 0)?.code).toBe("QUORUM");
  const found = scan(script, () => undefined);
  expectOnce(found, kept);
  expect(new Set(found.failures)).toEqual(new Set(["QUORUM"]));
});
