/**
 * The keys that this member proposes for: one round at a time for each, and behind it a queue. What has queued up while a
 * round ran is decided together in the next one. A key whose ballot is promised for the next round stays known.
 */
import { ByteMap, type ByteKeyed, keyHash } from "../base/byte-map.ts";
import { type Bytes, EMPTY_BYTES } from "../base/bytes.ts";
import { type LruNode, LruList } from "../base/lru.ts";
import type { MemberId } from "../model/member.ts";
import { type Ballot, NO_BALLOT, isBallot } from "../paxos/ballot.ts";
import type { ConditionalJob } from "./conditional-job.ts";
import type { CoordinatorParts } from "./coordination.ts";
import { ProposalOperation } from "./proposal-operation.ts";

/** A key with what its proposer remembers from round to round. */
export class KeyProposer implements ByteKeyed, LruNode<KeyProposer> {
  readonly key: Bytes;
  readonly hash: number;
  readonly homes: readonly MemberId[];
  readonly queue: ConditionalJob[] = [];
  isBusy = false;
  /** Promised by a majority along with what was chosen last; `NO_BALLOT`: prepare first. */
  ballot: Ballot = NO_BALLOT;
  /** Of what was chosen last; empty: none. */
  head: Bytes = EMPTY_BYTES;
  newer: KeyProposer | null = null;
  older: KeyProposer | null = null;

  constructor(key: Bytes, hash: number, homes: readonly MemberId[]) {
    this.key = key;
    this.hash = hash;
    this.homes = homes;
  }

  forget(): void {
    this.ballot = NO_BALLOT;
    this.head = EMPTY_BYTES;
  }
}

export class Proposers {
  readonly #parts: CoordinatorParts;
  readonly #keys = new ByteMap<KeyProposer>();
  readonly #idle = new LruList<KeyProposer>();

  constructor(parts: CoordinatorParts) {
    this.#parts = parts;
  }

  /** Whether so many wait, for one key or for all together, that no more may. */
  isFull(storageKey: Bytes): boolean {
    const { limits, deciding } = this.#parts;
    if (deciding.count >= limits.operationsMax) return true;
    const proposer = this.#keys.get(storageKey, keyHash(storageKey));
    return proposer !== null && proposer.queue.length >= limits.conditionalQueueMax;
  }

  /** Whether a round of this member runs for the key. */
  isBusy(storageKey: Bytes): boolean {
    return this.#keys.get(storageKey, keyHash(storageKey))?.isBusy ?? false;
  }

  submit(storageKey: Bytes, homes: readonly MemberId[], job: ConditionalJob): void {
    const hash = keyHash(storageKey);
    const proposer = this.#keys.get(storageKey, hash) ?? this.#file(storageKey, hash, homes);
    proposer.queue.push(job);
    if (proposer.isBusy) return;
    proposer.isBusy = true;
    this.#idle.remove(proposer);
    new ProposalOperation(this.#parts, proposer, () => this.#rest(proposer)).start();
  }

  #file(storageKey: Bytes, hash: number, homes: readonly MemberId[]): KeyProposer {
    const proposer = new KeyProposer(storageKey, hash, homes);
    this.#keys.set(proposer);
    return proposer;
  }

  /** Nobody waits for the key any more. */
  #rest(proposer: KeyProposer): void {
    proposer.isBusy = false;
    if (!isBallot(proposer.ballot)) {
      this.#keys.delete(proposer.key, proposer.hash);
      return;
    }
    this.#idle.touch(proposer);
    const { oldest } = this.#idle;
    if (oldest === null || this.#keys.size <= this.#parts.limits.proposersMax) return;
    this.#idle.remove(oldest);
    this.#keys.delete(oldest.key, oldest.hash);
  }
}
