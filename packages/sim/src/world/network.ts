/**
 * The network between the members: who can be dialled, what is cut, how long bytes take. Connections are pairs of
 * pipes; core sees them through `SimTransport`.
 */
import type { Lane, LinkInputs, MemberId, Random } from "@kvorum/core";
import { exponential } from "./draws.ts";
import type { EventLog } from "./event-log.ts";
import type { Host } from "./host.ts";
import { LinkEnd } from "./link-end.ts";
import { Pipe, type Route, type StreamOptions } from "./pipe.ts";
import type { Scheduler, Target } from "./scheduler.ts";
import type { SimTransport } from "./transport.ts";

export interface NetworkOptions extends StreamOptions {
  readonly delayUsMin: number;
  /** Mean of what is added to it, exponentially distributed. */
  readonly delayUsMean: number;
  readonly dialTimeoutUs: number;
}

/** A process that listens, with the transport that numbers its links. */
export interface Listener {
  readonly host: Host;
  readonly transport: SimTransport;
}

const SYN = 0;
const ANSWER = 1;
const REFUSED = 2;
const TIMED_OUT = 3;
const SYN_RETRY_US = 1_000_000;

export class Network implements Route {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #log: EventLog;
  readonly #options: NetworkOptions;
  /** Ids run from 1 to `#side - 1`; a pair's place is `from * #side + to`. */
  readonly #side: number;
  readonly #cut: Uint8Array;
  readonly #generation: Int32Array;
  readonly #slowness: Float64Array;
  readonly #hasPower: Uint8Array;
  readonly #listeners: (Listener | null)[];
  #pipes: Pipe[] = [];
  /** The newest pipe from a caller to whom it called. */
  readonly #calls: (Pipe | null)[];

  constructor(
    memberIdMax: MemberId,
    scheduler: Scheduler,
    random: Random,
    log: EventLog,
    options: NetworkOptions,
  ) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#log = log;
    this.#options = options;
    this.#side = memberIdMax + 1;
    this.#cut = new Uint8Array(this.#side * this.#side);
    this.#generation = new Int32Array(this.#side * this.#side);
    this.#slowness = new Float64Array(this.#side * this.#side).fill(1);
    this.#hasPower = new Uint8Array(this.#side).fill(1);
    this.#listeners = Array.from({ length: this.#side }, () => null);
    this.#calls = Array.from({ length: this.#side * this.#side }, () => null);
  }

  delayUs(from: LinkEnd, to: LinkEnd): number {
    return this.#delayUs(from.host.member, to.host.member);
  }

  /** What a machine sent before its power went still arrives. */
  isBlocked(from: LinkEnd, to: LinkEnd): boolean {
    return this.#isLost(from.host.member, to.host.member);
  }

  generation(from: LinkEnd, to: LinkEnd): number {
    return this.#generation[this.#place(from.host.member, to.host.member)] ?? 0;
  }

  /** Bytes from `from` to `to` vanish until `heal`. */
  cut(from: MemberId, to: MemberId): void {
    this.#change(from, to, 1);
  }

  heal(from: MemberId, to: MemberId): void {
    this.#change(from, to, 0);
    this.#wake();
  }

  isCut(from: MemberId, to: MemberId): boolean {
    return this.#cut[this.#place(from, to)] === 1;
  }

  /** Delays on this way are multiplied; 1 is usual. */
  slow(from: MemberId, to: MemberId, factor: number): void {
    if (this.#slowness[this.#place(from, to)] === factor) return;
    this.#slowness[this.#place(from, to)] = factor;
    this.#log.note(this.#scheduler.nowUs, from, "slow", to);
    if (factor > 1) return;
    for (const pipe of this.#pipes) {
      if (pipe.from.host.member === from && pipe.to.host.member === to) pipe.hurry();
    }
  }

  /** Every connection between the two is reset, in the middle of whatever is under way. */
  reset(a: MemberId, b: MemberId): void {
    for (const pipe of this.#pipes) {
      const from = pipe.from.host.member;
      const to = pipe.to.host.member;
      if ((from !== a || to !== b) && (from !== b || to !== a)) continue;
      pipe.truncate();
      pipe.end("connection reset");
    }
  }

  /**
   * A connection that says again, whole or in part, how an earlier one began, and then nothing more: what a doubled
   * or half-dead way makes of a reconnect. It hangs up after a while.
   */
  ghost(from: MemberId, to: MemberId, forUs: number): void {
    const greeting = this.#calls[this.#place(from, to)]?.greeting ?? null;
    const acceptor = this.#listeners[to] ?? null;
    if (greeting === null || acceptor === null || this.#isLost(from, to)) return;
    this.#log.note(this.#scheduler.nowUs, from, "ghost", to);
    const nowUs = this.#scheduler.nowUs;
    const near = new LinkEnd(new Ghost(from), 0, to, "foreground", this.#scheduler, this.#log);
    const link = acceptor.transport.nextLink();
    const far = new LinkEnd(acceptor.host, link, 0, null, this.#scheduler, this.#log);
    const outward = this.#pipe(near, far, nowUs + 1);
    acceptor.transport.adopt(far, this.#pipe(far, near, nowUs + 1));
    far.announce(nowUs);
    const isWhole = this.#random.u32() % 4 !== 0;
    outward.send(isWhole ? greeting.slice() : greeting.slice(0, greeting.length >> 1));
    const hangUp = (): void => {
      outward.end("closed by peer");
      near.shut("closed");
    };
    this.#scheduler.after(forUs, { onDue: hangUp }, 0);
  }

  /** The machine answers again, be it with refusals. */
  powerOn(member: MemberId): void {
    this.#setPower(member, true);
    this.#wake();
  }

  listen(listener: Listener): void {
    this.#listeners[listener.host.member] = listener;
  }

  /** The process is gone. Its machine's operating system says so to the peers, unless that has no power either. */
  silence(member: MemberId, withPower: boolean): void {
    this.#listeners[member] = null;
    this.#setPower(member, withPower);
    for (const pipe of this.#pipes) {
      if (pipe.from.host.member !== member || pipe.from.host.isAlive) continue;
      pipe.truncate();
      if (withPower) pipe.end("connection reset");
      else pipe.forgetStalled();
    }
    this.#pipes = this.#pipes.filter((pipe) => !pipe.isFinished);
  }

  dial(from: Listener, peer: MemberId, lane: Lane): void {
    const dial = new Dial(this, this.#scheduler, this.#log, from, peer, lane);
    this.#scheduler.after(this.#delayUs(from.host.member, peer), dial, SYN);
  }

  /** For `Dial`: one attempt to reach the peer. Whether and when the caller hears again, and as what. */
  attempt(dial: Dial): void {
    const from = dial.from.host.member;
    const backUs = this.#delayUs(dial.peer, from);
    if (this.#isLost(from, dial.peer) || this.#isLost(dial.peer, from)) {
      const spentUs = this.#scheduler.nowUs - dial.startedUs;
      const isOver = spentUs + SYN_RETRY_US > this.#options.dialTimeoutUs;
      const waitUs = isOver ? Math.max(0, this.#options.dialTimeoutUs - spentUs) : SYN_RETRY_US;
      this.#scheduler.after(waitUs, dial, isOver ? TIMED_OUT : SYN);
    } else {
      this.#scheduler.after(backUs, dial, this.#listeners[dial.peer] === null ? REFUSED : ANSWER);
    }
  }

  /** For `Dial`: the peer has answered. False: it is gone meanwhile. */
  connect(dial: Dial): boolean {
    const { from, peer, lane } = dial;
    const acceptor = this.#listeners[peer];
    if (acceptor === undefined || acceptor === null) return false;
    const nowUs = this.#scheduler.nowUs;
    const acceptedUs = nowUs + this.#delayUs(from.host.member, peer);
    const near = new LinkEnd(from.host, from.transport.nextLink(), peer, lane, this.#scheduler, this.#log);
    const far = new LinkEnd(
      acceptor.host,
      acceptor.transport.nextLink(),
      0,
      null,
      this.#scheduler,
      this.#log,
    );
    // Bytes never arrive before the announcement of their link.
    const outward = this.#pipe(near, far, acceptedUs + 1);
    const inward = this.#pipe(far, near, acceptedUs + 1);
    this.#calls[this.#place(from.host.member, peer)] = outward;
    from.transport.adopt(near, outward);
    acceptor.transport.adopt(far, inward);
    near.announce(nowUs);
    far.announce(acceptedUs);
    return true;
  }

  #pipe(from: LinkEnd, to: LinkEnd, notBeforeUs: number): Pipe {
    const pipe = new Pipe(from, to, notBeforeUs, this.#scheduler, this.#random, this, this.#options);
    if (this.#pipes.length > 256) this.#pipes = this.#pipes.filter((old) => !old.isFinished);
    this.#pipes.push(pipe);
    return pipe;
  }

  #delayUs(from: MemberId, to: MemberId): number {
    const { delayUsMin, delayUsMean } = this.#options;
    const slowness = this.#slowness[this.#place(from, to)] ?? 1;
    return Math.round((delayUsMin + exponential(this.#random, delayUsMean)) * slowness) + 1;
  }

  #place(from: MemberId, to: MemberId): number {
    return from * this.#side + to;
  }

  #isLost(from: MemberId, to: MemberId): boolean {
    return this.#cut[this.#place(from, to)] === 1 || this.#hasPower[to] === 0;
  }

  #change(from: MemberId, to: MemberId, state: 0 | 1): void {
    if (this.#cut[this.#place(from, to)] === state) return;
    this.#cut[this.#place(from, to)] = state;
    this.#nextGeneration(from, to);
    this.#log.note(this.#scheduler.nowUs, from, state === 1 ? "cut" : "heal", to);
    if (this.#log.tracing) {
      this.#log.trace(this.#scheduler.nowUs, from, state === 1 ? "cut" : "heal", `way to ${to}`);
    }
  }

  #setPower(member: MemberId, isOn: boolean): void {
    if (this.#hasPower[member] === (isOn ? 1 : 0)) return;
    this.#hasPower[member] = isOn ? 1 : 0;
    for (let other = 1; other < this.#side; other++) this.#nextGeneration(member, other);
  }

  #nextGeneration(a: MemberId, b: MemberId): void {
    const generation = this.#generation[this.#place(a, b)] ?? 0;
    this.#generation[this.#place(a, b)] = generation + 1;
    this.#generation[this.#place(b, a)] = generation + 1;
  }

  #wake(): void {
    for (const pipe of this.#pipes) pipe.wake();
  }
}

/** One attempt to connect. */
class Dial implements Target {
  readonly from: Listener;
  readonly peer: MemberId;
  readonly lane: Lane;
  readonly startedUs: number;
  readonly #network: Network;
  readonly #scheduler: Scheduler;
  readonly #log: EventLog;

  constructor(
    network: Network,
    scheduler: Scheduler,
    log: EventLog,
    from: Listener,
    peer: MemberId,
    lane: Lane,
  ) {
    this.#network = network;
    this.#scheduler = scheduler;
    this.#log = log;
    this.from = from;
    this.peer = peer;
    this.lane = lane;
    this.startedUs = scheduler.nowUs;
  }

  onDue(tag: number): void {
    const { host } = this.from;
    if (!host.isAlive) return;
    if (tag === SYN) this.#network.attempt(this);
    else if (tag !== ANSWER) this.#fail(tag);
    else if (!this.#network.connect(this)) this.#fail(REFUSED);
  }

  #fail(tag: number): void {
    const { host } = this.from;
    if (!host.admits(this, tag)) return;
    this.#log.note(this.#scheduler.nowUs, host.member, "dial-failed", this.peer);
    host.links.onDialFailed(this.peer, this.lane, tag === REFUSED ? "connection refused" : "timed out");
  }
}

/** Nobody, at a member's address: it takes what comes and does nothing with it. */
class Ghost implements Host {
  readonly member: MemberId;
  readonly isAlive = true;
  readonly links: LinkInputs = {
    onLinkUp: () => undefined,
    onDialFailed: () => undefined,
    onLinkBytes: () => undefined,
    onLinkDown: () => undefined,
  };

  constructor(member: MemberId) {
    this.member = member;
  }

  admits(): boolean {
    return true;
  }
}
