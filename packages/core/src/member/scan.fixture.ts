/** Whole scans of a test cluster, page by page. */
import { latin1Decode } from "../base/utf8.ts";
import type { ScanRequest, ScanResult } from "../coordinator/request.ts";
import { SLOTS } from "../ring/slot.ts";
import { flipped } from "../storage/held-storage.fixture.ts";
import { type Answer, type TestCluster } from "./cluster.fixture.ts";

export interface Page {
  readonly code: ScanResult["code"];
  readonly text: string;
  readonly keys: string[];
  readonly cursor: number;
}

/** Asks for one page; it is there when the cluster has been pumped. */
export function askPage(
  cluster: TestCluster,
  at: number,
  cursor: number,
  request: Partial<ScanRequest> = {},
): Answer<Page> {
  const answer: Answer<Page> = { result: null };
  const whole = { namespace: 1, cursor, slotEnd: SLOTS, count: 10, timeoutMs: 1_000, ...request };
  const user = {
    onScanned: (_tag: number, { code, text, keys, cursor: next }: ScanResult) => {
      if (answer.result !== null) throw new Error("a scan answers once");
      answer.result = { code, text, keys: keys.map(latin1Decode), cursor: next };
    },
  };
  cluster.at(at).member?.scan(whole, user, 0);
  return answer;
}

export function page(
  cluster: TestCluster,
  at: number,
  cursor: number,
  request: Partial<ScanRequest> = {},
): Page {
  const answer = askPage(cluster, at, cursor, request);
  cluster.pump();
  for (let waitedMs = 0; answer.result === null && waitedMs < 5_000; waitedMs += 10) cluster.run(10);
  if (answer.result === null) throw new Error("no page within five seconds");
  return answer.result;
}

export interface Walk {
  readonly keys: string[];
  readonly pages: number;
}

/** From the beginning to the end; `between` is called before each page but the first, and says who is asked. */
export function walk(
  cluster: TestCluster,
  at: number,
  request: Partial<ScanRequest> = {},
  between: (pages: number) => number = () => at,
): Walk {
  const keys: string[] = [];
  let cursor = 0;
  let pages = 0;
  do {
    const { code, text, ...found } = page(cluster, pages === 0 ? at : between(pages), cursor, request);
    if (code !== "OK") throw new Error(`${code} ${text}`);
    if (found.cursor !== 0 && found.cursor <= cursor) throw new Error("a cursor does not rise");
    keys.push(...found.keys);
    cursor = found.cursor;
    pages++;
  } while (cursor !== 0);
  return { keys, pages };
}

/** Flips a bit of what a member has stored for a key. */
export function damage(cluster: TestCluster, id: number, key: string): void {
  const { rows } = cluster.at(id).storage;
  for (const [stored, bytes] of rows) if (stored.endsWith(key)) rows.set(stored, flipped(bytes));
}
