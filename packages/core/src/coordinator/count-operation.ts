/** How many keys a namespace has: every partition is counted once, at its first home that can be reached. */
import type { OutcomeCode } from "../base/outcome.ts";
import type { MemberId } from "../model/member.ts";
import type { NamespaceId } from "../model/namespace.ts";
import type { CountServer } from "../replica/count-server.ts";
import type { CounterUser } from "../replica/partition-counter.ts";
import { homesOf, slotsOfPartition } from "../ring/placement.ts";
import { encodeCount } from "../wire/encode.ts";
import { type CoordinatorParts, CoordinatorOperation, countFailure } from "./coordination.ts";
import type { CountUser } from "./request.ts";

export interface CountRequest {
  readonly namespace: NamespaceId;
  /** Homes of each of its keys. */
  readonly n: number;
  readonly timeoutMs: number;
}

export class CountOperation extends CoordinatorOperation implements CounterUser {
  readonly #counts: CountServer;
  readonly #namespace: NamespaceId;
  readonly #n: number;
  readonly #timeoutMs: number;
  readonly #user: CountUser;
  readonly #tag: number;
  readonly #waiting = new Set<MemberId>();
  #keys = 0;
  #done = false;

  constructor(
    parts: CoordinatorParts,
    counts: CountServer,
    request: CountRequest,
    user: CountUser,
    tag: number,
  ) {
    super(parts);
    this.#counts = counts;
    this.#namespace = request.namespace;
    this.#n = request.n;
    this.#timeoutMs = request.timeoutMs;
    this.#user = user;
    this.#tag = tag;
  }

  start(): void {
    const shares = this.#shares();
    if (shares === null) {
      this.#finish("QUORUM");
      return;
    }
    this.register();
    this.parts.timers.after(this, this.#timeoutMs);
    for (const member of shares.keys()) this.#waiting.add(member);
    for (const [member, partitions] of shares) {
      if (this.#done) return;
      if (member === this.parts.self) this.#countHere(partitions);
      else if (!this.#ask(member, partitions)) this.#finish("QUORUM");
    }
  }

  isWanted(): boolean {
    return !this.#done;
  }

  /** This member's own share is counted. */
  onCountEnd(code: OutcomeCode, keys: number): void {
    this.onCounted(this.parts.self, code, keys);
  }

  override onCounted(peer: MemberId, code: OutcomeCode, keys: number): void {
    if (code === "OK") this.#add(peer, keys);
    else this.#finish(code);
  }

  override onPeerDown(peer: MemberId): void {
    if (this.#waiting.has(peer)) this.#finish("QUORUM");
  }

  override onTimer(): void {
    this.#finish("TIMEOUT");
  }

  /** Which member counts which partitions; null when a partition has no home that can be reached. */
  #shares(): Map<MemberId, number[]> | null {
    const { topology, peers, self } = this.parts;
    const shares = new Map<MemberId, number[]>();
    for (let partition = 0; partition < topology.preferenceLists.length; partition++) {
      const home = homesOf(topology, this.#n, partition).find(
        (member) => member === self || peers.reachable(member),
      );
      if (home === undefined) return null;
      const share = shares.get(home);
      if (share === undefined) shares.set(home, [partition]);
      else share.push(partition);
    }
    return shares;
  }

  #countHere(partitions: readonly number[]): void {
    const ranges = partitions.map((partition) =>
      slotsOfPartition(partition, this.parts.topology.preferenceLists.length),
    );
    const deadline = this.deadlineClock(this.#timeoutMs);
    const code = this.#counts.count(this.#namespace, deadline, ranges, this);
    if (code !== "OK") this.#finish(code);
  }

  #ask(member: MemberId, partitions: readonly number[]): boolean {
    const writer = this.parts.peers.writer(member, "foreground");
    if (writer === null) return false;
    encodeCount(writer, this.id, this.deadlineClock(this.#timeoutMs), this.#namespace, partitions);
    return true;
  }

  #add(member: MemberId, keys: number): void {
    if (!this.#waiting.delete(member)) return;
    this.#keys += keys;
    if (this.#waiting.size === 0) this.#finish("OK");
  }

  #finish(code: OutcomeCode): void {
    if (this.#done) return;
    this.#done = true;
    this.unregister();
    this.parts.timers.cancel(this);
    if (code !== "OK") countFailure(this.parts.counters, code);
    this.#user.onCounted(this.#tag, code, code === "OK" ? this.#keys : 0);
  }
}
