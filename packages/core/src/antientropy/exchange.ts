/**
 * One exchange with one peer over all partitions of which both are homes: roots first, then the slots of partitions
 * that differ, then the leaves of slots that differ, then the heads in leaves that differ; and the keys whose heads
 * differ are made the same, merged, both ways. So equal trees cost one question, and what differs costs in proportion.
 *
 * A partition is *proven* when at some time since the exchange began all that both hold was the same, or was made so.
 * While writes go on somewhere something always differs for a moment: it is repaired for nothing, and proven.
 */
import { type Bytes, EMPTY_BYTES, compareBytes, copyBytes } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { Budget } from "../control/budget.ts";
import { LEAVES_PER_SLOT, type Sum, sameSum } from "../merkle/leaf-sums.ts";
import type { MemberId } from "../model/member.ts";
import type { Topology } from "../model/topology.ts";
import { Operation } from "../replica/operation.ts";
import type { ScanPageUser, ScanServer } from "../replica/scan-server.ts";
import { slotsOfPartition } from "../ring/placement.ts";
import { namespaceOfRecordKey, slotOfRecordKey } from "../storage/keyspace.ts";
import { encodeTree } from "../wire/encode-trees.ts";
import { type ScanRow, readScanRows } from "../wire/scan-rows.ts";
import type { Forest } from "./forest.ts";
import { KeyRepair, type KeyRepairUser, type RepairParts } from "./key-repair.ts";
import { differingKeys } from "./leaf-difference.ts";
import {
  IDS_MAX,
  LEAVES,
  LEAVES_MAX,
  ROOTS,
  ROWS,
  ROWS_MAX,
  leafId,
  partitionOf,
  rangeOfLeaf,
  readSums,
  sharedPosition,
  slotOfLeafId,
} from "./tree-parts.ts";

export interface ExchangeParts extends RepairParts {
  readonly topology: Topology;
  readonly scans: ScanServer;
  readonly forest: Forest;
  readonly budget: Budget;
}

export interface ExchangeResult {
  readonly code: OutcomeCode;
  /** Partitions in which both were the same, or are now. */
  readonly proven: readonly number[];
  /** Keys that differed, and of these the ones that were made the same. */
  readonly different: number;
  readonly repaired: number;
  /** Of sums, heads and records, in both directions, about. */
  readonly bytes: number;
}

export interface ExchangeUser {
  onExchanged(peer: MemberId, result: ExchangeResult): void;
}

const ANSWER_MS = 10_000;
/** Keys that are repaired at a time. */
const REPAIRS_MAX = 32;
/** Leaves that one exchange looks into; what is left is for the next. */
const LEAVES_OF_EXCHANGE = 32_768;

export class Exchange extends Operation<ExchangeParts> implements ScanPageUser, KeyRepairUser {
  readonly #peer: MemberId;
  readonly #user: ExchangeUser;
  /** Of which both are homes. */
  readonly #partitions: readonly number[];
  readonly #unproven = new Set<number>();
  /** What is to be asked for at this level. */
  #queue: number[] = [];
  #asked: readonly number[] = [];
  #level = ROOTS;
  /** Ids that differ, for the next level. */
  #differing: number[] = [];
  /** The leaf that is looked into, from where on, and what each side holds of it. */
  #from: Bytes = EMPTY_BYTES;
  #own: LeafPage | null = null;
  #theirs: LeafPage | null = null;
  #page = 0;
  readonly #keys: { readonly key: Bytes; readonly isThere: boolean }[] = [];
  #repairing = 0;
  #different = 0;
  #repaired = 0;
  #bytes = 0;
  #done = false;

  constructor(parts: ExchangeParts, peer: MemberId, user: ExchangeUser) {
    super(parts);
    this.#peer = peer;
    this.#user = user;
    const { topology, self } = parts;
    this.#partitions = [...topology.preferenceLists.keys()].filter(
      (partition) => sharedPosition(topology, partition, self, peer) >= 0,
    );
  }

  start(): void {
    this.#queue = [...this.#partitions];
    this.#next();
  }

  override onTreeReply(peer: MemberId, code: OutcomeCode, next: Bytes, bytes: Bytes): void {
    if (peer !== this.#peer || this.#done) return;
    this.#count(bytes.length);
    if (code !== "OK") this.#end(code);
    else if (this.#level === ROWS) this.#onTheirRows(copyBytes(next), copyBytes(bytes));
    else this.#onSums(bytes);
  }

  /** This member's own page of a leaf. */
  onScanPage(page: number, code: OutcomeCode, next: Bytes, rows: Bytes): void {
    if (this.#done || page !== this.#page) return;
    const read = code === "OK" ? readScanRows(copyBytes(rows), ROWS_MAX) : null;
    if (read === null) {
      this.#passOver();
      return;
    }
    this.#own = { rows: read, next: copyBytes(next) };
    this.#compare();
  }

  onRepaired(code: OutcomeCode, bytes: number): void {
    this.#repairing--;
    this.#count(bytes);
    if (code === "OK") this.#repaired++;
    this.#repairMore();
    this.#next();
  }

  override onPeerDown(peer: MemberId): void {
    if (peer === this.#peer) this.#end("QUORUM");
  }

  override onBulkDown(peer: MemberId): void {
    this.onPeerDown(peer);
  }

  override onTimer(): void {
    this.#end("TIMEOUT");
  }

  /** Asks the next question, unless one is under way or enough is in hand. */
  #next(): void {
    if (this.#done || this.#asked.length > 0 || this.#keys.length > REPAIRS_MAX) return;
    if (this.#queue.length === 0 && this.#level !== ROWS) this.#descend();
    if (this.#queue.length > 0) this.#ask();
    else if (this.#repairing === 0) this.#end("OK");
  }

  #ask(): void {
    const most = this.#level === ROWS ? 1 : this.#level === LEAVES ? LEAVES_MAX : IDS_MAX;
    this.#asked = this.#queue.splice(0, most);
    this.#from = EMPTY_BYTES;
    this.#sendInTurn();
  }

  /** Every question costs the other one a look at its trees or its disk. */
  #sendInTurn(): void {
    this.parts.budget.request("exchange", { onGranted: () => this.#send() });
  }

  #send(): void {
    if (this.#done) return;
    this.register();
    this.parts.timers.after(this, ANSWER_MS);
    const writer = this.parts.peers.writer(this.#peer, "bulk");
    if (writer === null) {
      this.#end("QUORUM");
      return;
    }
    const deadline = this.deadlineClock(ANSWER_MS);
    encodeTree(writer, this.id, deadline, this.#level, this.#asked, this.#from);
    this.#count(4 * this.#asked.length);
    if (this.#level !== ROWS) return;
    this.#own = null;
    this.#theirs = null;
    const { from, to } = rangeOfLeaf(this.#asked[0] ?? 0);
    const start = this.#from.length === 0 ? from : this.#from;
    const page = { namespace: null, from: start, to, rows: ROWS_MAX };
    const code = this.parts.scans.read(page, this, ++this.#page);
    if (code !== "OK") this.#passOver();
  }

  #onSums(bytes: Bytes): void {
    const count = this.#level === LEAVES ? LEAVES_PER_SLOT : 1;
    const theirs = readSums(bytes, this.#asked.length, count);
    if (theirs === null) {
      this.#end("DAMAGED");
      return;
    }
    for (const [i, id] of this.#asked.entries()) this.#onId(id, theirs[i] ?? null);
    this.#answered();
  }

  #onId(id: number, theirs: readonly Sum[] | null): void {
    const { forest } = this.parts;
    const position = this.#positionOf(id);
    const isKnown = this.#level === ROOTS ? forest.isExact(id) : forest.trees.exact[id] === 1;
    if (theirs === null || !isKnown) {
      this.#unproven.add(this.#partitionOf(id));
      return;
    }
    const [first] = theirs;
    if (this.#level === LEAVES) {
      for (const [leaf, sum] of forest.trees.sumsOfLeaves(id, position).entries()) {
        const other = theirs[leaf];
        if (other !== undefined && !sameSum(sum, other)) this.#differing.push(leafId(id, leaf));
      }
      return;
    }
    const own =
      this.#level === ROOTS ? forest.sumOfPartition(id, position) : forest.trees.sumOfSlot(id, position);
    if (first !== undefined && !sameSum(own, first)) this.#differing.push(id);
  }

  #partitionOf(id: number): number {
    if (this.#level === ROOTS) return id;
    return partitionOf(this.parts.topology, this.#level === ROWS ? slotOfLeafId(id) : id);
  }

  #positionOf(id: number): number {
    const { topology, self } = this.parts;
    return sharedPosition(topology, this.#partitionOf(id), self, this.#peer);
  }

  #answered(): void {
    this.unregister();
    this.parts.timers.cancel(this);
    this.#asked = [];
    this.#next();
  }

  /** To the next level, with what differs at this one. */
  #descend(): void {
    const differing = this.#differing;
    this.#differing = [];
    if (this.#level === ROOTS) {
      const { length } = this.parts.topology.preferenceLists;
      this.#queue = differing.flatMap((partition) => {
        const { first, last } = slotsOfPartition(partition, length);
        return Array.from({ length: last - first + 1 }, (_, i) => first + i);
      });
    } else this.#queue = differing;
    this.#level++;
    if (this.#level !== ROWS || this.#queue.length <= LEAVES_OF_EXCHANGE) return;
    for (const leaf of this.#queue.splice(LEAVES_OF_EXCHANGE)) this.#unproven.add(this.#partitionOf(leaf));
  }

  #onTheirRows(next: Bytes, bytes: Bytes): void {
    const rows = readScanRows(bytes, ROWS_MAX);
    const { from, to } = rangeOfLeaf(this.#asked[0] ?? 0);
    const start = this.#from.length === 0 ? from : this.#from;
    const isForward = next.length === 0 || (compareBytes(next, start) > 0 && compareBytes(next, to) < 0);
    const isInside = rows?.every(
      ({ storageKey }) => compareBytes(storageKey, start) >= 0 && compareBytes(storageKey, to) < 0,
    );
    if (rows === null || !isForward || isInside !== true) {
      this.#end("DAMAGED");
      return;
    }
    this.#theirs = { rows, next };
    this.#compare();
  }

  /** As far as both pages go. */
  #compare(): void {
    const own = this.#own;
    const theirs = this.#theirs;
    if (own === null || theirs === null) return;
    const ends = [own.next, theirs.next].filter((next) => next.length > 0).toSorted(compareBytes);
    const [end] = ends;
    for (const found of differingKeys(own.rows, theirs.rows, end ?? null)) {
      const { key, isDamaged } = found;
      const position = this.#positionOf(this.#asked[0] ?? 0);
      if (!this.parts.forest.trees.isShared(namespaceOfRecordKey(key), position)) continue;
      this.#different++;
      if (isDamaged) this.#unproven.add(partitionOf(this.parts.topology, slotOfRecordKey(key)));
      this.#keys.push({ key: copyBytes(key), isThere: found.isThere });
    }
    this.#repairMore();
    if (end === undefined) this.#answered();
    else {
      this.#from = copyBytes(end);
      this.#sendInTurn();
    }
  }

  /** This leaf cannot be looked into now. */
  #passOver(): void {
    for (const leaf of this.#asked) this.#unproven.add(this.#partitionOf(leaf));
    this.#answered();
  }

  #repairMore(): void {
    while (!this.#done && this.#repairing < REPAIRS_MAX) {
      const next = this.#keys.shift();
      if (next === undefined) return;
      this.#repairing++;
      const repair = new KeyRepair(
        this.parts,
        this.#peer,
        next.key,
        next.isThere,
        new OneKey(this, next.key),
      );
      this.parts.budget.request("exchange", { onGranted: () => repair.start() });
    }
  }

  /** For `OneKey`: the two may differ still. */
  failed(key: Bytes): void {
    this.#unproven.add(partitionOf(this.parts.topology, slotOfRecordKey(key)));
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    this.parts.budget.charge("exchange", bytes);
  }

  #end(code: OutcomeCode): void {
    if (this.#done) return;
    this.#done = true;
    this.unregister();
    this.parts.timers.cancel(this);
    const isWhole = code === "OK";
    const proven = isWhole ? this.#partitions.filter((partition) => !this.#unproven.has(partition)) : [];
    this.#user.onExchanged(this.#peer, {
      code,
      proven,
      different: this.#different,
      repaired: this.#repaired,
      bytes: this.#bytes,
    });
  }
}

interface LeafPage {
  readonly rows: readonly ScanRow[];
  readonly next: Bytes;
}

/** Remembers which key a repair was of. */
class OneKey implements KeyRepairUser {
  readonly #exchange: Exchange;
  readonly #key: Bytes;

  constructor(exchange: Exchange, key: Bytes) {
    this.#exchange = exchange;
    this.#key = key;
  }

  onRepaired(code: OutcomeCode, bytes: number): void {
    if (code !== "OK") this.#exchange.failed(this.#key);
    this.#exchange.onRepaired(code, bytes);
  }
}
