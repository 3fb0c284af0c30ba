/**
 * Events about peers, without a flood: a peer that is refused is refused again at every redial, and a stranger may
 * knock as often as it likes. Each matter is told once, again when it changes (at most once a second), and now and
 * then while it lasts.
 */
import type { MemberId } from "../model/member.ts";
import type { EventFields, EventLevel, Events } from "../ports/events.ts";

const CHANGED_MS = 1_000;
const AGAIN_MS = 60_000;

interface Told {
  readonly text: string;
  readonly atMs: number;
  untold: number;
}

export class Notices {
  readonly #events: Events;
  readonly #told = new Map<string, Told>();

  constructor(events: Events) {
    this.#events = events;
  }

  /** `about`: the peer, or 0 for a stranger. */
  note(
    nowMs: number,
    level: EventLevel,
    name: string,
    about: MemberId,
    text: string,
    fields: EventFields,
  ): void {
    const key = `${name} ${about}`;
    const told = this.#told.get(key);
    if (told !== undefined) {
      const quietMs = told.text === text ? AGAIN_MS : CHANGED_MS;
      if (nowMs - told.atMs < quietMs) {
        told.untold++;
        return;
      }
    }
    const untold = told?.untold ?? 0;
    this.#told.set(key, { text, atMs: nowMs, untold: 0 });
    this.#events.event(level, name, text, untold === 0 ? fields : { ...fields, untold });
  }
}
