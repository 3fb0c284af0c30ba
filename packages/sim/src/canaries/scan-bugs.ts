/** Planted bugs of walks over all keys, and of writes that are to change only what was read. */
import { type Canary, patch } from "./canary.ts";

export const SCAN_BUGS: readonly Canary[] = [
  {
    name: "scan asks one home",
    trap: "a home that has missed something speaks for all",
    patches: [patch("coordinator/scan-plan.js", "homesNeeded(QUORUM, homes.length)", "1")],
    checkers: ["walks"],
    seed: 5,
  },
  {
    name: "scan passes over the rest of a range",
    trap: "a page that ended before its range is taken for the whole range",
    patches: [patch("coordinator/scan-operation.js", "const end = this.#end;", "const end = null;")],
    checkers: ["walks"],
    seed: 13,
  },
  {
    name: "damaged record passed over by a scan",
    trap: "a record that cannot be read passes for one that is not there",
    patches: [patch("coordinator/scan-merge.js", "damaged = true;", ";")],
    checkers: ["walks"],
    seed: 50,
  },
  {
    name: "deleted keys are listed",
    trap: "a scan shows what it has a record of, tombstones too",
    patches: [patch("coordinator/scan-operation.js", "this.#isLive(found.head, nowMs)", "true")],
    checkers: ["walks"],
    seed: 4,
  },
  {
    name: "touch beside what was not read",
    trap: "a change of what was read is taken though there is something else, and becomes its sibling",
    patches: [patch("coordinator/build-record.js", "return only && ", "return false && ")],
    checkers: ["visibility"],
    seed: 3,
  },
];
