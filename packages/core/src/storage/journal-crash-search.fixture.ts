/**
 * Runs workloads in the crash laboratory, and compares what every crash leaves with a ledger of what was
 * acknowledged, kept outside the storage.
 */
import {
  EMPTY_DISK,
  type Image,
  type LabOptions,
  Ledger,
  Life,
  type Operation,
  Recoveries,
} from "./journal-crash.fixture.ts";
import { KEEP_EVERYTHING } from "./forgetful-files.ts";

const operations: readonly Operation[] = [
  ...(["fsync", "os"] as const).flatMap((durability): Operation[] => [
    { kind: "put", key: "a", durability },
    { kind: "put", key: "b", durability },
    { kind: "remove", key: "a", durability },
  ]),
  { kind: "remove-range" },
];

/** All sequences of exactly so many operations. */
export function workloads(length: number): Operation[][] {
  if (length === 0) return [[]];
  return workloads(length - 1).flatMap((before) => operations.map((operation) => [...before, operation]));
}

export type Style = "one turn" | "a turn each" | "one after the other";
export const styles: readonly Style[] = ["one turn", "a turn each", "one after the other"];

/** What `usedDisk` holds. */
export const USED_ROWS: ReadonlyMap<string, string> = new Map([
  ["a", "a0-of-some-length"],
  ["b", "b1-of-some-length"],
]);

/** A disk on which an earlier life was killed after it had stored both keys. */
export function usedDisk(options: LabOptions): Image {
  const life = new Life(EMPTY_DISK, options);
  life.open();
  const { storage } = life;
  if (storage === null) throw new Error(life.refusal?.text ?? "not opened");
  const ledger = new Ledger();
  ledger.issue(storage, { kind: "put", key: "a", durability: "fsync" });
  storage.onTurnEnd();
  life.work.drain();
  ledger.issue(storage, { kind: "put", key: "b", durability: "os" });
  storage.onTurnEnd();
  life.work.drain();
  return { files: life.files.remains(KEEP_EVERYTHING), rows: life.engine.remains(0), key: "used" };
}

/** One workload, from one disk. */
interface Run {
  readonly workload: readonly Operation[];
  readonly style: Style;
  readonly image: Image;
  /** What the disk holds. */
  readonly start: ReadonlyMap<string, string>;
  /** How many recoveries in a row may be cut. */
  readonly depth: number;
}

export class CrashSearch {
  readonly #options: LabOptions;
  readonly #recoveries: Recoveries;
  readonly complaints: string[] = [];
  readonly #checked = new Set<string>();
  #lastState = "";

  constructor(options: LabOptions) {
    this.#options = options;
    this.#recoveries = new Recoveries(options);
  }

  /** How many different disks were recovered. */
  get images(): number {
    return this.#recoveries.count;
  }

  run({ workload, style, image, start, depth }: Run): void {
    const life = new Life(image, this.#options, this.#options.fault?.() ?? null);
    life.open();
    const { storage } = life;
    if (storage === null) throw new Error(life.refusal?.text ?? "not opened");
    const ledger = new Ledger();
    this.#lastState = "";
    let next = 0;
    const issueNext = () => {
      const operation = workload[next++];
      if (operation !== undefined) ledger.issue(storage, operation);
    };
    if (style === "one turn") while (next < workload.length) issueNext();
    else issueNext();
    storage.onTurnEnd();
    this.#check(life, ledger, start, depth);
    while (life.work.size > 0 || next < workload.length) {
      const mayIssue =
        next < workload.length &&
        (style === "a turn each" || ledger.acknowledged === next || life.work.size === 0);
      if (mayIssue) {
        issueNext();
        storage.onTurnEnd();
      } else life.work.step();
      this.#check(life, ledger, start, depth);
    }
    if (ledger.acknowledged !== workload.length)
      this.complaints.push(`[${ledger.key}] was never answered in full`);
    for (const fatal of life.fatals) this.complaints.push(fatal);
  }

  #check(life: Life, ledger: Ledger, start: ReadonlyMap<string, string>, depth: number): void {
    const state = `${life.changeCount} ${ledger.key}`;
    if (state === this.#lastState) return;
    this.#lastState = state;
    for (const [after, images] of [
      ["power cut", life.imagesAfterPowerCut()],
      ["kill", life.imagesAfterKill()],
    ] as const) {
      for (const image of images) {
        const checkKey = `${depth} ${after} ${ledger.key} ${image.key}`;
        if (this.#checked.has(checkKey)) continue;
        this.#checked.add(checkKey);
        for (const outcome of this.#recoveries.outcomes(image, depth)) {
          const complaint = ledger.complaint(outcome, start, after);
          if (complaint !== null) this.complaints.push(complaint);
        }
      }
    }
  }
}
