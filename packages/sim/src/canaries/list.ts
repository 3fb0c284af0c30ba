/** The planted bugs. Each is one of the traps that others fell into, a row of the counterexamples, or a bug we had. */
import type { Canary } from "./canary.ts";
import { CAUSALITY_BUGS } from "./causality-bugs.ts";
import { CONFLICT_BUGS } from "./conflict-bugs.ts";
import { HINT_BUGS } from "./hint-bugs.ts";
import { PAXOS_BUGS } from "./paxos-bugs.ts";
import { REPLICATION_BUGS } from "./replication-bugs.ts";
import { REPAIR_BUGS } from "./repair-bugs.ts";
import { SCAN_BUGS } from "./scan-bugs.ts";
import { STORAGE_BUGS } from "./storage-bugs.ts";

export const CANARIES: readonly Canary[] = [
  ...STORAGE_BUGS,
  ...REPLICATION_BUGS,
  ...CAUSALITY_BUGS,
  ...CONFLICT_BUGS,
  ...SCAN_BUGS,
  ...REPAIR_BUGS,
  ...HINT_BUGS,
  ...PAXOS_BUGS,
];
