/**
 * What is left of a write when its end is told: some homes have not answered yet. Most do in a moment. Of those that do
 * not, a hint is kept.
 */
import type { Bytes } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { MemberId } from "../model/member.ts";
import { type CoordinatorParts, CoordinatorOperation } from "./coordination.ts";
import type { Replication } from "./replication.ts";

const WATCH_MS = 2_000;

/**
 * To be called when the end of a write is told. True: the id (0: nobody hears answers) now belongs to the watch. Too many
 * at once are not waited for.
 */
export function watchStragglers(parts: CoordinatorParts, id: number, replication: Replication): boolean {
  replication.stop();
  const mayWatch = id !== 0 && parts.watching.count < parts.limits.operationsMax / 4;
  if (mayWatch && replication.isAwaited) {
    new StragglerWatch(parts, id, replication).start();
    return true;
  }
  replication.keepHints();
  return false;
}

class StragglerWatch extends CoordinatorOperation {
  readonly #replication: Replication;

  /** Takes over the id by which the answers come. */
  constructor(parts: CoordinatorParts, id: number, replication: Replication) {
    super(parts);
    this.id = id;
    this.#replication = replication;
  }

  start(): void {
    const { operations, timers, watching } = this.parts;
    operations.replace(this.id, this);
    watching.count++;
    timers.after(this, WATCH_MS);
  }

  override onReplicated(
    peer: MemberId,
    code: OutcomeCode,
    fsynced: boolean,
    _: boolean,
    _context: Bytes,
  ): void {
    this.#replication.onAnswer(peer, code, fsynced);
    this.#look();
  }

  override onPeerDown(peer: MemberId): void {
    this.#replication.onFailure(peer);
    this.#look();
  }

  override onBulkDown(peer: MemberId): void {
    this.#replication.onBulkDown(peer);
    this.#look();
  }

  override onPeerSilent(peer: MemberId): void {
    this.onPeerDown(peer);
  }

  override onTimer(): void {
    this.#end();
  }

  #look(): void {
    if (!this.#replication.isAwaited) this.#end();
  }

  #end(): void {
    if (this.id === 0) return;
    this.unregister();
    this.parts.timers.cancel(this);
    this.parts.watching.count--;
    this.#replication.keepHints();
  }
}
