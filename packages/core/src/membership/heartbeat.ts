/**
 * Pings the peers that are linked, and notices who answers no more: it is silent, or what we say does not reach it (a
 * way that is cut in one direction only is as bad for a request as one that is cut in both). Silence counts only while this member itself is
 * awake: after a stall of its own event loop it would otherwise suspect everybody at once, while it is the one that
 * did not listen.
 */
import { Timer } from "../base/timer-wheel.ts";
import type { Limits } from "../config/limits.ts";
import type { Timers } from "../control/timers.ts";
import type { PeerLink } from "./link.ts";
import type { Peer } from "./peer.ts";

/** A link that has been silent for this many times `suspectAfterMs` is taken for dead, whatever TCP says. */
const DEAD_AFTER_SUSPICIONS = 10;
/** The bulk link is pinged at every so manieth beat. */
const BULK_EVERY_BEATS = 10;

export interface HeartbeatUser {
  ping(link: PeerLink): void;
  onSilent(peer: Peer): void;
  drop(link: PeerLink, reason: string): void;
  onBeat(nowMs: number): void;
}

export class Heartbeat extends Timer {
  readonly #limits: Limits;
  readonly #timers: Timers;
  readonly #peers: Iterable<Peer>;
  readonly #user: HeartbeatUser;
  #beats = 0;

  constructor(limits: Limits, timers: Timers, peers: Iterable<Peer>, user: HeartbeatUser) {
    super();
    this.#limits = limits;
    this.#timers = timers;
    this.#peers = peers;
    this.#user = user;
  }

  start(): void {
    this.#timers.after(this, this.#limits.pingEveryMs);
  }

  stop(): void {
    this.#timers.cancel(this);
  }

  override onTimer(nowMs: number): void {
    const latenessMs = nowMs - this.dueMs;
    if (latenessMs > this.#limits.suspectAfterMs / 2) this.#excuse(latenessMs, nowMs);
    this.#timers.after(this, this.#limits.pingEveryMs);
    const bulkToo = this.#beats++ % BULK_EVERY_BEATS === 0;
    for (const peer of this.#peers) {
      const { foreground, bulk } = peer.links;
      if (foreground !== null) this.#look(peer, foreground, nowMs);
      if (bulk !== null && !this.#dead(bulk, nowMs) && bulkToo) this.#user.ping(bulk);
    }
    this.#user.onBeat(nowMs);
  }

  /** Nothing that was not heard while we were away counts as silence. */
  #excuse(latenessMs: number, nowMs: number): void {
    for (const { links } of this.#peers) {
      for (const link of [links.foreground, links.bulk]) {
        if (link === null) continue;
        link.heardMs = Math.min(nowMs, link.heardMs + latenessMs);
        link.answeredMs = Math.min(nowMs, link.answeredMs + latenessMs);
      }
    }
  }

  #look(peer: Peer, link: PeerLink, nowMs: number): void {
    if (this.#dead(link, nowMs)) return;
    const silentMs = nowMs - Math.min(link.heardMs, link.answeredMs);
    if (!peer.suspect && silentMs > this.#limits.suspectAfterMs) this.#user.onSilent(peer);
    this.#user.ping(link);
  }

  #dead(link: PeerLink, nowMs: number): boolean {
    const silentMs = nowMs - link.heardMs;
    if (silentMs <= DEAD_AFTER_SUSPICIONS * this.#limits.suspectAfterMs) return false;
    this.#user.drop(link, `silent for ${Math.round(silentMs)} ms`);
    return true;
  }
}
