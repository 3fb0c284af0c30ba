/** Whether a member that was away has all that it missed. */
import { BenchFailure } from "../failure.ts";
import { askJson } from "../opponents/ask.ts";
import type { KvorumCluster } from "../opponents/kvorum.ts";
import { pause } from "../processes/pause.ts";

const LEVEL_SECONDS_MAX = 300;
const POLL_MS = 250;

/** Waits until no member keeps anything for another; after how many seconds. */
export function untilDelivered({ ports }: KvorumCluster, sinceMs: number): Promise<number> {
  return until(sinceMs, async () => {
    const kept = await Promise.all(ports.map((port) => keptForOthers(port)));
    return kept.every((count) => count === 0);
  });
}

/** Waits until all homes of all keys hold the same; after how many seconds the comparison began that found it so. */
export function untilEqual({ ports }: KvorumCluster, sinceMs: number): Promise<number> {
  return until(sinceMs, async () => (await different(ports[0] ?? 0)) === 0);
}

async function until(sinceMs: number, isReached: () => Promise<boolean>): Promise<number> {
  while (performance.now() - sinceMs < LEVEL_SECONDS_MAX * 1000) {
    const atMs = performance.now();
    if (await isReached()) return (atMs - sinceMs) / 1000;
    await pause(POLL_MS);
  }
  throw new BenchFailure(
    "FAULT",
    `the member was not level ${LEVEL_SECONDS_MAX} s after it was started again`,
  );
}

async function keptForOthers(port: number): Promise<number> {
  const status = objectOf(await askJson(port, "KV.ADMIN", "STATUS"));
  const hints = objectOf(status["hints"]);
  return numberOf(hints["copies"]) + numberOf(hints["references"]);
}

/** Keys whose homes differ, in `default`. */
async function different(port: number): Promise<number> {
  let count = 0;
  for (let words: string[] | null = []; words !== null;) {
    const page = objectOf(await askJson(port, "KV.ADMIN", "VERIFY", ...words));
    if (Array.isArray(page["unasked"]) && page["unasked"].length > 0) return Number.NaN;
    count += numberOf(page["different"]);
    const cursor = page["cursor"];
    words = typeof cursor === "string" ? [cursor] : null;
  }
  return count;
}

/** What was not answered is nothing, and no number. */
function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function numberOf(value: unknown): number {
  return typeof value === "number" ? value : Number.NaN;
}
