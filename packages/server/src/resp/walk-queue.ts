/**
 * Who goes through keys, and when. A page of a walk and a count of all keys are much work each, at several members;
 * hundreds at a time would leave nothing for anybody else. So a few are under way at a time, and the others wait in
 * lines, one for each owner (a connection, say), which take turns: who asks for a thousand waits longer than who asks
 * for one. Waiting counts towards the deadline of whoever waits. What the member itself refuses for being overloaded
 * has not had its turn yet.
 */
import { assert } from "@kvorum/core";
import type { Face, Resumable } from "./session.ts";

export interface Walker {
  /** Until when its turn must have come, in ms of the face's clock. */
  readonly endMs: number;
  /** Its turn has come: it does its piece of work, and then calls `leave` or `again`, once. */
  go(): void;
  /** Its turn did not come in time, or whoever asked has gone. */
  dropped(): void;
}

/** How long nothing new is begun when the member has refused something. */
const REFUSED_MS = 20;

export class WalkQueue implements Resumable {
  readonly #face: Pick<Face, "later" | "nowMs">;
  readonly #placesMax: number;
  /** In the order of their turns. */
  readonly #lines = new Map<number, Walker[]>();
  #underWay = 0;
  #isAwake = false;
  #pause: NodeJS.Timeout | null = null;

  constructor(face: Pick<Face, "later" | "nowMs">, placesMax: number) {
    this.#face = face;
    this.#placesMax = placesMax;
  }

  /** Pieces of work that have been begun and not ended. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Those that wait for their turn. */
  get waiting(): number {
    let waiting = 0;
    for (const line of this.#lines.values()) waiting += line.length;
    return waiting;
  }

  /** Begins at once if nobody is before it. */
  enter(owner: number, walker: Walker): void {
    if (this.#lines.size === 0 && this.#isFree) {
      this.#begin(walker);
      return;
    }
    const line = this.#lines.get(owner);
    if (line === undefined) this.#lines.set(owner, [walker]);
    else line.push(walker);
    this.#wake();
  }

  /** A piece of work has ended. */
  leave(): void {
    assert(this.#underWay > 0, "who leaves has had a place");
    this.#underWay--;
    this.#wake();
  }

  /** The member has refused it because it is overloaded: it is the first of its line again. */
  again(owner: number, walker: Walker): void {
    this.leave();
    const line = this.#lines.get(owner);
    if (line === undefined) this.#lines.set(owner, [walker]);
    else line.unshift(walker);
    this.#pause ??= setTimeout(() => {
      this.#pause = null;
      this.#wake();
    }, REFUSED_MS).unref();
  }

  /** Begins what may begin, at the end of a turn. */
  resume(): void {
    this.#isAwake = false;
    while (this.#isFree) {
      const walker = this.#next();
      if (walker === null) return;
      if (this.#face.nowMs() >= walker.endMs) walker.dropped();
      else this.#begin(walker);
    }
  }

  /** Lets go of those whose time has passed. */
  sweep(nowMs: number): void {
    for (const [owner, line] of this.#lines) {
      const late = line.filter(({ endMs }) => nowMs >= endMs);
      if (late.length === 0) continue;
      const rest = line.filter(({ endMs }) => nowMs < endMs);
      if (rest.length > 0) this.#lines.set(owner, rest);
      else this.#lines.delete(owner);
      for (const walker of late) walker.dropped();
    }
  }

  /** The owner has gone. What of his is under way goes on to its end. */
  forget(owner: number): void {
    const line = this.#lines.get(owner);
    if (line === undefined) return;
    this.#lines.delete(owner);
    for (const walker of line) walker.dropped();
  }

  get #isFree(): boolean {
    return this.#underWay < this.#placesMax && this.#pause === null;
  }

  #begin(walker: Walker): void {
    this.#underWay++;
    walker.go();
  }

  /** The first of the line whose turn it is; that line is the last then. */
  #next(): Walker | null {
    for (const [owner, line] of this.#lines) {
      const walker = line.shift() ?? null;
      this.#lines.delete(owner);
      if (line.length > 0) this.#lines.set(owner, line);
      return walker;
    }
    return null;
  }

  #wake(): void {
    if (this.#isAwake || this.#lines.size === 0 || !this.#isFree) return;
    this.#isAwake = true;
    this.#face.later(this);
  }
}
