/**
 * Compaction yields to requests. Linux gives every thread a priority of its own (setpriority(2)), and RocksDB names its
 * threads: those that compact are `rocksdb:low`. Those that flush a full buffer keep theirs, since writes wait for them.
 * RocksDB does the same by `DB::LowerThreadPoolCPUPriority`, which its library for Node does not offer.
 */
import { readdirSync, readFileSync } from "node:fs";
import { constants, getPriority, setPriority } from "node:os";

const TASKS = "/proc/self/task";
const COMPACTING = /^rocksdb:low/;
/** Above this process's own nice value: of a core that others want as well it gets a tenth, and of an idle one all. */
const NICER_BY = 10;

/** How many threads compact in this process; 0 where the system does not show them, and then all is as it was. */
export function lowerCompactionPriority(): number {
  const threads = compactingThreads();
  const nice = Math.min(constants.priority.PRIORITY_LOW, getPriority() + NICER_BY);
  for (const thread of threads) {
    try {
      setPriority(thread, nice);
    } catch {
      // It has ended, or a policy of the system forbids it.
    }
  }
  return threads.length;
}

function compactingThreads(): number[] {
  try {
    return readdirSync(TASKS).map(Number).filter(isCompacting);
  } catch {
    return [];
  }
}

function isCompacting(thread: number): boolean {
  try {
    return COMPACTING.test(readFileSync(`${TASKS}/${thread}/comm`, "utf8"));
  } catch {
    return false;
  }
}
