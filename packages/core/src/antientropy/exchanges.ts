/**
 * Exchanges for ever, with one peer after the other, whose last one is longest ago first. What counts is not that they
 * run, but how old the last proof of each partition and pair of homes is.
 */
import type { MemberId, MemberInfo } from "../model/member.ts";
import type { Random } from "../ports/random.ts";
import { Timer } from "../base/timer-wheel.ts";
import { Exchange, type ExchangeParts, type ExchangeResult, type ExchangeUser } from "./exchange.ts";
import { sharedPosition } from "./tree-parts.ts";

/** What has come of the exchanges that this member began with one peer. */
export interface ExchangeStatus {
  readonly peer: MemberId;
  readonly name: string;
  /** Partitions of which both are homes, and those of them that were ever proven since the start. */
  readonly partitions: number;
  readonly proven: number;
  /** Age of the oldest proof, in ms; since the start, for a partition that was never proven since then. */
  readonly oldestProofMs: number;
  readonly exchanges: number;
  /** Keys that differed, and those that were made the same. */
  readonly different: number;
  readonly repaired: number;
  readonly bytes: number;
  /** How the last one ended; empty before that. */
  readonly lastCode: string;
}

/** When a partition was last found the same here and at a peer, or made so. */
export interface Proof {
  readonly peer: MemberId;
  /** Null: not since the start. */
  readonly ageMs: number | null;
}

class Partner {
  readonly peer: MemberId;
  readonly name: string;
  /** When each partition was last proven, by the timers' clock; by partition. */
  readonly proofs = new Map<number, number>();
  readonly partitions: number;
  beganMs = -Infinity;
  exchanges = 0;
  different = 0;
  repaired = 0;
  bytes = 0;
  lastCode = "";

  constructor({ id, name }: MemberInfo, partitions: number) {
    this.peer = id;
    this.name = name;
    this.partitions = partitions;
  }
}

export class Exchanges extends Timer implements ExchangeUser {
  readonly #parts: ExchangeParts;
  readonly #random: Random;
  readonly #partners: readonly Partner[];
  #current: Partner | null = null;
  #startedMs = 0;

  constructor(parts: ExchangeParts, random: Random) {
    super();
    this.#parts = parts;
    this.#random = random;
    const { topology, self } = parts;
    const partners = topology.members.map((info) => {
      const shared = [...topology.preferenceLists.keys()].filter(
        (partition) => info.id !== self && sharedPosition(topology, partition, self, info.id) >= 0,
      );
      return new Partner(info, shared.length);
    });
    this.#partners = partners.filter(({ partitions }) => partitions > 0);
  }

  start(): void {
    this.#startedMs = this.#parts.timers.nowMs();
    if (this.#partners.length > 0) this.#later();
  }

  override onTimer(nowMs: number): void {
    const { peers, forest } = this.#parts;
    const able = this.#partners.filter(({ peer }) => peers.reachable(peer));
    const [next] = able.toSorted((a, b) => a.beganMs - b.beganMs);
    if (next === undefined || this.#current !== null || forest.trees.unknown > 0) {
      this.#later();
      return;
    }
    next.beganMs = nowMs;
    next.exchanges++;
    this.#current = next;
    new Exchange(this.#parts, next.peer, this).start();
  }

  onExchanged(_peer: MemberId, result: ExchangeResult): void {
    const partner = this.#current;
    this.#current = null;
    if (partner !== null) {
      for (const partition of result.proven) partner.proofs.set(partition, partner.beganMs);
      partner.different += result.different;
      partner.repaired += result.repaired;
      partner.bytes += result.bytes;
      partner.lastCode = result.code;
    }
    this.#later();
  }

  status(): ExchangeStatus[] {
    const nowMs = this.#parts.timers.nowMs();
    return this.#partners.map((partner) => {
      const { peer, name, partitions, proofs, exchanges, different, repaired, bytes, lastCode } = partner;
      const proven = proofs.size;
      const oldestMs = proven === partitions ? Math.min(...proofs.values()) : this.#startedMs;
      const oldestProofMs = nowMs - oldestMs;
      return {
        peer,
        name,
        partitions,
        proven,
        oldestProofMs,
        exchanges,
        different,
        repaired,
        bytes,
        lastCode,
      };
    });
  }

  /** Of a partition that this member is a home of: one for each other home. */
  proofsOf(partition: number): Proof[] {
    const nowMs = this.#parts.timers.nowMs();
    const { topology, self } = this.#parts;
    return this.#partners.flatMap(({ peer, proofs }) => {
      if (sharedPosition(topology, partition, self, peer) < 0) return [];
      const atMs = proofs.get(partition);
      return [{ peer, ageMs: atMs === undefined ? null : nowMs - atMs }];
    });
  }

  /** Each peer in its turn within `exchangeEveryMs`, and members not in step. */
  #later(): void {
    const { timers, limits } = this.#parts;
    const each = limits.exchangeEveryMs / Math.max(1, this.#partners.length);
    const jitter = 0.5 + this.#random.u32() / 0x1_0000_0000;
    timers.after(this, Math.max(1, each * jitter));
  }
}
