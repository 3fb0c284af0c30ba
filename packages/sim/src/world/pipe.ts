/**
 * One direction of a connection: a byte stream that keeps its order, as TCP does. Chunks may be split or run
 * together; nothing is lost or doubled in the middle. What the network loses shows as a stall, and a stall that
 * lasts ends with the sender's operating system giving up. The receiver may then believe in the connection for as
 * long as it has nothing to say.
 */
import type { Bytes, Random } from "@kvorum/core";
import { between, oneIn } from "./draws.ts";
import type { LinkEnd } from "./link-end.ts";
import type { Scheduler, Target } from "./scheduler.ts";

/** What a pipe asks of the network between its two ends. */
export interface Route {
  /** One draw of the time from end to end. */
  delayUs(from: LinkEnd, to: LinkEnd): number;
  /** Packets this way vanish: the way is cut, or the machine at its end has no power. */
  isBlocked(from: LinkEnd, to: LinkEnd): boolean;
  /** Changes whenever the way between the two (either direction) is cut or healed. */
  generation(from: LinkEnd, to: LinkEnd): number;
}

export interface StreamOptions {
  /** A chunk is split once in so many times; 0: never. */
  readonly splitOneIn: number;
  /** A chunk waits for the next ones once in so many times; 0: never. */
  readonly lingerOneIn: number;
  /** More unsent bytes than this and the writer is withheld. */
  readonly sendBufferBytes: number;
  /** How long a sender's operating system tries before it gives a connection up. */
  readonly giveUpUsMin: number;
  readonly giveUpUsMax: number;
}

const ARRIVE = 0;
const RESET_SENDER = -1;
/** Tags from here on: give up, if the way is still of this generation. */
const GIVE_UP = 1;

const LINGER_US_MAX = 1000;
const RETRANSMIT_US_MAX = 200_000;

export class Pipe implements Target {
  readonly from: LinkEnd;
  readonly to: LinkEnd;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #route: Route;
  readonly #options: StreamOptions;
  #chunks: Bytes[] = [];
  #arriveAtUs: number[] = [];
  #lastAtUs: number;
  #queuedBytes = 0;
  #isStalled = false;
  #armedGeneration = -1;
  /** Once the bytes before it have arrived, the receiver learns that the connection is over. */
  #endReason: string | null = null;
  #endAtUs = 0;
  /** A copy of what was sent first: how the sender introduced itself. */
  #greeting: Bytes | null = null;

  /** Nothing arrives before `notBeforeUs`. */
  constructor(
    from: LinkEnd,
    to: LinkEnd,
    notBeforeUs: number,
    scheduler: Scheduler,
    random: Random,
    route: Route,
    options: StreamOptions,
  ) {
    this.from = from;
    this.to = to;
    this.#lastAtUs = notBeforeUs;
    this.#scheduler = scheduler;
    this.#random = random;
    this.#route = route;
    this.#options = options;
  }

  get greeting(): Bytes | null {
    return this.#greeting;
  }

  get hasRoom(): boolean {
    return this.#queuedBytes <= this.#options.sendBufferBytes;
  }

  /** Whether it can still carry anything or change anybody's mind. */
  get isFinished(): boolean {
    return !this.from.isOpen && !this.to.isOpen;
  }

  send(chunk: Bytes): void {
    // A connection that was reset swallows what is written to it until its end learns.
    if (this.#endReason !== null) return;
    this.#greeting ??= chunk.slice();
    this.#chunks.push(chunk);
    this.#arriveAtUs.push(this.#nextArrivalUs());
    this.#queuedBytes += chunk.length;
    this.#scheduler.at(this.#lastAtUs, this, ARRIVE);
    if (this.#route.isBlocked(this.to, this.from)) this.#armGiveUp();
  }

  /** The sender is through: after what is under way the receiver learns it. */
  end(reason: string): void {
    if (this.#endReason !== null) return;
    this.#endReason = reason;
    this.#endAtUs = this.#nextArrivalUs();
    this.#scheduler.at(this.#endAtUs, this, ARRIVE);
  }

  /** Of the bytes under way only a drawn part, from the front, will arrive; it may end in the middle of anything. */
  truncate(): void {
    let keep = between(this.#random, 0, this.#queuedBytes);
    this.#queuedBytes = keep;
    const kept: Bytes[] = [];
    for (const chunk of this.#chunks) {
      if (keep === 0) break;
      kept.push(chunk.subarray(0, keep));
      keep -= Math.min(keep, chunk.length);
    }
    this.#chunks = kept;
    this.#arriveAtUs.length = kept.length;
  }

  /** The way is fast again: what is under way on it arrives as if it had been sent now, unless it comes sooner. */
  hurry(): void {
    const latestUs = this.#scheduler.nowUs + this.#route.delayUs(this.from, this.to);
    if (this.#lastAtUs <= latestUs) return;
    this.#arriveAtUs = this.#arriveAtUs.map((atUs) => Math.min(atUs, latestUs));
    this.#endAtUs = Math.min(this.#endAtUs, latestUs);
    this.#lastAtUs = latestUs;
    this.#scheduler.at(latestUs, this, ARRIVE);
  }

  /** The sending machine has lost its power, and with it what waited to be sent again. */
  forgetStalled(): void {
    if (this.#isStalled) this.#drop();
  }

  /** The way is open again: what was held back is sent again, after the pause that TCP makes. */
  wake(): void {
    if (!this.#isStalled) return;
    this.#isStalled = false;
    this.#scheduler.after(between(this.#random, 1, RETRANSMIT_US_MAX), this, ARRIVE);
  }

  onDue(tag: number): void {
    if (tag === ARRIVE) this.#arrive();
    else if (tag === RESET_SENDER) this.from.shut("connection reset");
    else if (tag - GIVE_UP === this.#route.generation(this.from, this.to)) this.#giveUp();
  }

  #nextArrivalUs(): number {
    const atUs = this.#scheduler.nowUs + this.#route.delayUs(this.from, this.to);
    this.#lastAtUs = Math.max(this.#lastAtUs, atUs);
    return this.#lastAtUs;
  }

  #arrive(): void {
    if (this.#chunks.length === 0 && this.#endReason === null) return;
    if (this.#route.isBlocked(this.from, this.to)) {
      this.#isStalled = true;
      this.#armGiveUp();
      return;
    }
    if (!this.to.isOpen) {
      this.#refuse();
      return;
    }
    if (this.#isLingering() || !this.to.host.admits(this, ARRIVE)) return;
    const chunk = this.#takeArrived();
    if (chunk !== null) this.to.deliver(chunk);
    if (this.#chunks.length > 0 || this.#endReason === null) return;
    if (this.#endAtUs <= this.#scheduler.nowUs) this.to.shut(this.#endReason);
  }

  /** Nobody is there any more: the receiving machine answers with a reset, unless that is lost as well. */
  #refuse(): void {
    this.#drop();
    if (!this.from.isOpen) return;
    if (this.#route.isBlocked(this.to, this.from)) this.#armGiveUp();
    else this.#scheduler.after(this.#route.delayUs(this.to, this.from), this, RESET_SENDER);
  }

  #isLingering(): boolean {
    const { lingerOneIn } = this.#options;
    if (lingerOneIn === 0 || !oneIn(this.#random, lingerOneIn)) return false;
    this.#scheduler.after(between(this.#random, 1, LINGER_US_MAX), this, ARRIVE);
    return true;
  }

  /** What has arrived by now, in one piece, or a drawn part of it: then the rest follows. */
  #takeArrived(): Bytes | null {
    const nowUs = this.#scheduler.nowUs;
    let arrived = 0;
    let bytes = 0;
    while (arrived < this.#chunks.length && (this.#arriveAtUs[arrived] ?? 0) <= nowUs) {
      bytes += this.#chunks[arrived]?.length ?? 0;
      arrived++;
    }
    const first = this.#chunks[0];
    if (arrived === 0 || first === undefined) return null;
    const whole = arrived === 1 ? first : concatenate(this.#chunks, arrived, bytes);
    const { splitOneIn } = this.#options;
    const isSplit = splitOneIn > 0 && bytes > 1 && oneIn(this.#random, splitOneIn);
    const taken = isSplit ? between(this.#random, 1, bytes - 1) : bytes;
    this.#queuedBytes -= taken;
    if (!isSplit) {
      this.#chunks.splice(0, arrived);
      this.#arriveAtUs.splice(0, arrived);
      return whole;
    }
    this.#chunks.splice(0, arrived, whole.subarray(taken));
    this.#arriveAtUs.splice(0, arrived, nowUs);
    this.#scheduler.after(between(this.#random, 0, LINGER_US_MAX), this, ARRIVE);
    return whole.subarray(0, taken);
  }

  #armGiveUp(): void {
    const generation = this.#route.generation(this.from, this.to);
    if (this.#armedGeneration === generation) return;
    this.#armedGeneration = generation;
    const { giveUpUsMin, giveUpUsMax } = this.#options;
    this.#scheduler.after(between(this.#random, giveUpUsMin, giveUpUsMax), this, GIVE_UP + generation);
  }

  #giveUp(): void {
    this.from.shut("timed out");
    this.#drop();
    this.#endReason = null;
  }

  #drop(): void {
    this.#chunks = [];
    this.#arriveAtUs = [];
    this.#queuedBytes = 0;
  }
}

function concatenate(chunks: readonly Bytes[], count: number, bytes: number): Bytes {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const chunk = chunks[i];
    if (chunk === undefined) continue;
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
