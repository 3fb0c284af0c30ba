/**
 * The open loop: begins each request when it is due, whatever became of those before it. It knows neither clocks nor
 * sockets, so that a test can stall a server by the millisecond.
 */
import type { KeyChooser } from "./key-chooser.ts";
import type { RequestKind } from "./mix.ts";
import type { Recorder } from "./recorder.ts";
import type { Schedule } from "./schedule.ts";

export interface CallUser {
  /** `error`: the code of an error, or null. Called once for each `send`, never within it. */
  onEnd(call: Call, error: string | null, nowMs: number): void;
}

/** One request under way. */
export class Call {
  readonly dueMs: number;
  readonly key: number;
  /** What is left to do; a `modify` becomes a `write` when it has read. */
  kind: RequestKind;
  readonly user: CallUser;

  constructor(dueMs: number, key: number, kind: RequestKind, user: CallUser) {
    this.dueMs = dueMs;
    this.key = key;
    this.kind = kind;
    this.user = user;
  }
}

/** A way to a server; what it sends is answered in order. */
export interface Channel {
  readonly isUp: boolean;
  send(call: Call, nowMs: number): void;
}

export interface DriverParts {
  readonly schedule: Schedule;
  readonly keys: KeyChooser;
  readonly drawKind: () => RequestKind;
  readonly recorder: Recorder;
  /** The channels over which a request for this key may go. */
  readonly channelsFor: (key: number) => readonly Channel[];
  /** With so many under way the server cannot keep up, and further ones fail with `OVERRUN`. */
  readonly outstandingMax: number;
}

export class Driver implements CallUser {
  readonly #parts: DriverParts;
  #outstanding = 0;
  #turn = 0;

  constructor(parts: DriverParts) {
    this.#parts = parts;
  }

  get outstanding(): number {
    return this.#outstanding;
  }

  get isOver(): boolean {
    return this.#parts.schedule.isOver && this.#outstanding === 0;
  }

  /** Begins everything that is due. */
  onTick(nowMs: number): void {
    const { schedule, keys, recorder, drawKind, outstandingMax } = this.#parts;
    for (let dueMs = schedule.take(nowMs); dueMs !== null; dueMs = schedule.take(nowMs)) {
      const key = keys.next();
      const channel = this.#pick(key);
      recorder.sent(dueMs, nowMs);
      if (channel === null) recorder.failed(dueMs, "UNREACHABLE");
      else if (this.#outstanding >= outstandingMax) recorder.failed(dueMs, "OVERRUN");
      else {
        this.#outstanding++;
        channel.send(new Call(dueMs, key, drawKind(), this), nowMs);
      }
    }
  }

  onEnd(call: Call, error: string | null, nowMs: number): void {
    const { recorder } = this.#parts;
    if (error === null && call.kind === "modify") {
      const channel = this.#pick(call.key);
      if (channel !== null) {
        call.kind = "write";
        channel.send(call, nowMs);
        return;
      }
    }
    this.#outstanding--;
    if (error !== null) recorder.failed(call.dueMs, error);
    else if (call.kind === "modify") recorder.failed(call.dueMs, "UNREACHABLE");
    else recorder.answered(call.dueMs, nowMs);
  }

  /** In turns over those that are up; null when none is. */
  #pick(key: number): Channel | null {
    const channels = this.#parts.channelsFor(key);
    for (let tried = 0; tried < channels.length; tried++) {
      const channel = channels[this.#turn++ % channels.length];
      if (channel?.isUp === true) return channel;
    }
    return null;
  }
}
