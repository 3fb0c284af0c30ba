/** Answers what other members ask of this member's trees. It keeps nothing between two questions. */
import { ByteWriter } from "../base/byte-writer.ts";
import { type Bytes, EMPTY_BYTES, compareBytes, copyBytes } from "../base/bytes.ts";
import { OUTCOMES, type OutcomeCode } from "../base/outcome.ts";
import { LEAVES_PER_SLOT } from "../merkle/leaf-sums.ts";
import type { MemberId } from "../model/member.ts";
import type { Topology } from "../model/topology.ts";
import type { Peers } from "../replica/peers.ts";
import type { ScanPageUser, ScanServer } from "../replica/scan-server.ts";
import { SLOTS } from "../ring/slot.ts";
import type { HybridClock } from "../version/hlc.ts";
import { encodeTreeReply } from "../wire/encode-trees.ts";
import type { Forest } from "./forest.ts";
import {
  IDS_MAX,
  LEAVES,
  LEAVES_MAX,
  ROOTS,
  ROWS,
  ROWS_MAX,
  SLOT_SUMS,
  partitionOf,
  putSums,
  rangeOfLeaf,
  sharedPosition,
  slotOfLeafId,
} from "./tree-parts.ts";

export interface TreeServerParts {
  readonly self: MemberId;
  readonly topology: Topology;
  readonly clock: HybridClock;
  readonly peers: Peers;
  readonly scans: ScanServer;
}

const MAX_OF_LEVEL = [IDS_MAX, IDS_MAX, LEAVES_MAX, 1];

export class TreeServer {
  readonly #parts: TreeServerParts;
  readonly #forest: Forest;

  constructor(parts: TreeServerParts, forest: Forest) {
    this.#parts = parts;
    this.#forest = forest;
  }

  /** `from` is only lent. */
  onTree(
    peer: MemberId,
    id: number,
    deadline: number,
    level: number,
    ids: readonly number[],
    from: Bytes,
  ): void {
    if (this.#parts.clock.reading() > deadline) return;
    const reply = new Reply(this.#parts.peers, peer, id);
    const isAsked = ids.length > 0 && ids.length <= (MAX_OF_LEVEL[level] ?? 0);
    if (!isAsked || !ids.every((each) => this.#position(level, each, peer) >= 0)) reply.send("INVALID");
    else if (level === ROWS) this.#rows(ids[0] ?? 0, from, reply);
    else {
      const out = new ByteWriter(ids.length * (level === LEAVES ? 257 : 17));
      for (const each of ids) this.#put(out, level, each, this.#position(level, each, peer));
      reply.send("OK", EMPTY_BYTES, out.view());
    }
  }

  #position(level: number, id: number, peer: MemberId): number {
    const { topology, self } = this.#parts;
    const slot = level === ROWS ? slotOfLeafId(id) : id;
    if (level !== ROOTS && slot >= SLOTS) return -1;
    return sharedPosition(topology, level === ROOTS ? id : partitionOf(topology, slot), self, peer);
  }

  #put(out: ByteWriter, level: number, id: number, position: number): void {
    const forest = this.#forest;
    if (level === ROOTS) putSums(out, forest.isExact(id) ? [forest.sumOfPartition(id, position)] : null, 1);
    else if (level === SLOT_SUMS) {
      const sum = forest.trees.sumOfSlot(id, position);
      putSums(out, forest.trees.exact[id] === 1 ? [sum] : null, 1);
    } else {
      const leaves = forest.trees.sumsOfLeaves(id, position);
      putSums(out, forest.trees.exact[id] === 1 ? leaves : null, LEAVES_PER_SLOT);
    }
  }

  #rows(leaf: number, from: Bytes, reply: Reply): void {
    const range = rangeOfLeaf(leaf);
    const start = from.length === 0 ? range.from : copyBytes(from);
    const isInside = compareBytes(start, range.from) >= 0;
    const page = { namespace: null, from: start, to: range.to, rows: ROWS_MAX };
    const code = isInside ? this.#parts.scans.read(page, reply, 0) : "INVALID";
    if (code !== "OK") reply.send(code);
  }
}

class Reply implements ScanPageUser {
  readonly #peers: Peers;
  readonly #peer: MemberId;
  readonly #id: number;
  readonly #session: number;

  constructor(peers: Peers, peer: MemberId, id: number) {
    this.#peers = peers;
    this.#peer = peer;
    this.#id = id;
    this.#session = peers.session(peer);
  }

  onScanPage(_tag: number, code: OutcomeCode, next: Bytes, rows: Bytes): void {
    this.send(code, next, rows);
  }

  /** The peer may have restarted, and then this id is somebody else's. */
  send(code: OutcomeCode, next: Bytes = EMPTY_BYTES, bytes: Bytes = EMPTY_BYTES): void {
    if (this.#peers.session(this.#peer) !== this.#session) return;
    const writer = this.#peers.writer(this.#peer, "bulk");
    if (writer !== null) encodeTreeReply(writer, this.#id, OUTCOMES[code].wire, next, bytes);
  }
}
