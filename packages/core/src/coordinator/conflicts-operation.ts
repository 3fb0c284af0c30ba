/**
 * One page of the conflict ledgers of all members that can be reached, the newest first. Each is asked for a page of
 * its own; what is below the end of somebody's page is left for the next one, so nothing is passed over.
 */
import { type Bytes, bytesEqual } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { MemberId } from "../model/member.ts";
import { ConflictPage, type ConflictPageUser } from "../replica/conflict-page.ts";
import { decodeConflict } from "../storage/conflict-row.ts";
import { encodeConflicts } from "../wire/encode-conflicts.ts";
import type { ConflictCursor, ConflictRow } from "../wire/messages.ts";
import type { ConflictsRequest, ConflictsUser, FoundConflict } from "./conflicts.ts";
import { type CoordinatorParts, CoordinatorOperation } from "./coordination.ts";

export class ConflictsOperation extends CoordinatorOperation implements ConflictPageUser {
  readonly #request: ConflictsRequest;
  readonly #user: ConflictsUser;
  readonly #tag: number;
  readonly #waiting = new Set<MemberId>();
  readonly #unasked: MemberId[] = [];
  #found: FoundConflict[] = [];
  /** Below this place not everything is known. */
  #horizon: ConflictCursor | null = null;
  #done = false;

  constructor(parts: CoordinatorParts, request: ConflictsRequest, user: ConflictsUser, tag: number) {
    super(parts);
    this.#request = request;
    this.#user = user;
    this.#tag = tag;
  }

  start(): void {
    const { parts } = this;
    this.register();
    parts.timers.after(this, this.#request.timeoutMs);
    const deadline = this.deadlineClock(this.#request.timeoutMs);
    for (const { id } of parts.topology.members) {
      const writer = id === parts.self ? null : parts.peers.writer(id, "foreground");
      if (id !== parts.self && writer === null) this.#unasked.push(id);
      else this.#waiting.add(id);
      if (writer !== null) encodeConflicts(writer, this.id, deadline, this.#request);
    }
    new ConflictPage(parts, this.#request, this).start();
  }

  /** This member's own. */
  onConflictPage(rows: readonly ConflictRow[], through: ConflictCursor | null): void {
    this.onConflictsPage(this.parts.self, "OK", rows, through);
  }

  override onConflictsPage(
    peer: MemberId,
    code: OutcomeCode,
    rows: readonly ConflictRow[],
    through: ConflictCursor | null,
  ): void {
    if (this.#done || !this.#waiting.has(peer)) return;
    const { below } = this.#request;
    const end = through === null ? null : { ...through, member: peer };
    // A page that ends no lower than it was to begin would be asked for without end.
    if (code !== "OK" || (end !== null && below !== null && compareCursors(end, below) >= 0)) {
      this.#giveUp(peer);
      return;
    }
    this.#waiting.delete(peer);
    for (const { number, row } of rows.slice(0, this.#request.count)) this.#add(peer, number, row);
    if (end !== null) this.#raise(end);
    this.#cut();
    this.#settle();
  }

  override onPeerDown(peer: MemberId): void {
    this.#giveUp(peer);
  }

  /** Its page may have been on that link. */
  override onBulkDown(peer: MemberId): void {
    this.#giveUp(peer);
  }

  override onTimer(): void {
    this.#unasked.push(...this.#waiting);
    this.#waiting.clear();
    this.#settle();
  }

  #giveUp(peer: MemberId): void {
    if (this.#done || !this.#waiting.delete(peer)) return;
    this.#unasked.push(peer);
    this.#settle();
  }

  #add(member: MemberId, number: number, row: Bytes): void {
    const { namespace, key, below } = this.#request;
    const conflict = decodeConflict(row);
    if (conflict === null || (namespace !== 0 && conflict.namespace !== namespace)) return;
    if (key !== null && !bytesEqual(conflict.key, key)) return;
    const found = { ...conflict, member, number };
    if (below === null || compareCursors(found, below) < 0) this.#found.push(found);
  }

  /** No more is kept than is answered. */
  #cut(): void {
    const { count } = this.#request;
    this.#found.sort((a, b) => compareCursors(b, a));
    const last = this.#found[count - 1];
    if (this.#found.length <= count || last === undefined) return;
    this.#found = this.#found.slice(0, count);
    this.#raise(placeOf(last));
  }

  #raise(place: ConflictCursor): void {
    if (this.#horizon === null || compareCursors(place, this.#horizon) > 0) this.#horizon = place;
  }

  #settle(): void {
    if (this.#done || this.#waiting.size > 0) return;
    this.#done = true;
    this.unregister();
    this.parts.timers.cancel(this);
    const horizon = this.#horizon;
    const entries =
      horizon === null ? this.#found : this.#found.filter((found) => compareCursors(found, horizon) >= 0);
    const unasked = this.#unasked.toSorted((a, b) => a - b);
    this.#user.onConflicts(this.#tag, { code: "OK", entries, unasked, next: horizon });
  }
}

function placeOf({ instant, member, number }: FoundConflict): ConflictCursor {
  return { instant, member, number };
}

/** Oldest first. */
function compareCursors(a: ConflictCursor, b: ConflictCursor): number {
  return a.instant - b.instant || a.member - b.member || a.number - b.number;
}
