/**
 * One client: bytes in, commands to their handlers, replies out in order. A connection that has too much under way,
 * or too much unsent, is not read until that has passed; its client feels it as back-pressure, the others do not.
 */
import type { Socket } from "node:net";
import type { NamespaceId } from "@kvorum/core";
import { Accounts } from "./budget.ts";
import type { CloseReason } from "./closings.ts";
import type { Command } from "./command.ts";
import { NO_COMMAND_ROW } from "./command-meter.ts";
import { Place } from "./crowd.ts";
import { findCommand, isSlow, keysOf, overload, refusal, unread, valuesOf } from "./dispatch.ts";
import { BACKLOG_BYTES, STRAITENED_PAUSE_BYTES } from "./limits.ts";
import { Output } from "./output.ts";
import { RequestParser } from "./parser.ts";
import { Patience, type Overdue } from "./patience.ts";
import type { Reader } from "./read-queue.ts";
import { ReadWindow } from "./read-window.ts";
import { ReplyLine } from "./reply-line.ts";
import type { ReplySlot, SlotOwner } from "./reply-slot.ts";
import type { Protocol, ReplyWriter } from "./reply-writer.ts";
import { firstDefaults, type RequestDefaults } from "./request-defaults.ts";
import type { Face, Flushable, Resumable, Session } from "./session.ts";
import { destroyAfter } from "./destroy-after.ts";
import { TurnShare } from "./turn-shares.ts";

export class Connection implements Session, SlotOwner, Resumable, Flushable, Reader {
  readonly id: number;
  readonly face: Face;
  readonly address: string;
  readonly localAddress: string;
  readonly connectedMs = Date.now();
  heardMs = this.connectedMs;
  namespace: NamespaceId;
  defaults: RequestDefaults;
  readonly writer: ReplyWriter;
  protocol: Protocol = 2;
  name = "";
  libraryName = "";
  libraryVersion = "";
  /** Its socket is gone; answers that still come are dropped. */
  closed = false;
  readonly #socket: Socket;
  readonly #onClosed: (connection: Connection) => void;
  readonly #parser: RequestParser;
  readonly #line: ReplyLine;
  readonly #ring: ReplyLine["ring"];
  readonly #window: ReadWindow;
  readonly #output: Output;
  readonly #share = new TurnShare();
  readonly #patience: Patience;
  readonly #place: Place;
  readonly #accounts: Accounts;
  readonly #bulkyBytes: number;
  /** The command that has been read but may not begin yet. */
  #held = false;
  /** That one waits until fewer values are being read. */
  #isQueued = false;
  /** It has as much under way as it may. */
  #isHeldBack = false;
  /** Something must end before more can be read. */
  #waiting = false;
  #paused = false;
  #pumping = false;
  #awaited = false;
  #dirty = false;
  #inputEnded = false;
  /** No further commands; the socket ends when everything has been answered. */
  #closing = false;
  #ending = false;
  #lingerBytes = 0;
  #last: Command | null = null;

  constructor(
    face: Face,
    socket: Socket,
    id: number,
    namespace: NamespaceId,
    onClosed: (gone: Connection) => void,
  ) {
    this.id = id;
    this.face = face;
    this.namespace = namespace;
    this.defaults = firstDefaults(face.member.limits);
    this.address = `${socket.remoteAddress ?? ""}:${socket.remotePort ?? 0}`;
    this.localAddress = `${socket.localAddress ?? ""}:${socket.localPort ?? 0}`;
    this.writer = face.writer;
    this.#socket = socket;
    this.#onClosed = onClosed;
    this.#parser = new RequestParser(face.limits);
    this.#window = new ReadWindow(face.limits.outputBytesMax / 2, face.member.limits.valueBytesMax);
    this.#output = new Output(
      face.blocks,
      socket,
      () => face.nowMs(),
      () => this.#onTaken(),
    );
    this.#line = new ReplyLine(face.writer, face.slots, this.#output);
    this.#ring = this.#line.ring;
    this.#patience = new Patience(face.nowMs());
    this.#place = new Place(face.crowd);
    this.#accounts = new Accounts(face.budgets);
    // The record around a value counts too when a lane is chosen.
    this.#bulkyBytes = face.member.limits.bulkBytesMin / 2;
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    socket.on("end", () => this.#onInputEnd());
    socket.on("close", () => this.destroy());
    // What follows an error is a close; a client that goes away is nobody's trouble.
    socket.on("error", () => undefined);
  }

  get lastCommand(): string {
    return this.#last?.name ?? "";
  }

  closeAfterReplies(): void {
    this.#closing = true;
    this.#markDirty();
  }

  closeNow(reason: CloseReason, text: string): void {
    this.face.closing(reason, text, this.address);
    this.destroy();
  }

  destroy(): void {
    if (this.closed) return;
    this.closed = true;
    this.#closing = true;
    this.#socket.destroy();
    this.#parser.abandon();
    this.#line.drop();
    this.#accounts.unfinished.set(0);
    this.#accounts.unsent.set(0);
    this.face.reads.forget(this);
    this.#onClosed(this);
  }

  get unfinishedBytes(): number {
    return this.#accounts.unfinished.bytes;
  }

  get unsentBytes(): number {
    return this.#accounts.unsent.bytes;
  }

  get expectedValueBytes(): number {
    return this.#window.expectedBytes;
  }

  get patienceMs(): number {
    return this.defaults.timeoutMs;
  }

  /** Since when its client takes nothing of what was handed to its socket in an earlier turn; `Infinity`: it does. */
  get stuckMs(): number {
    return this.#output.stuckMs;
  }

  /** What it waits for may have passed: it goes on at the end of the turn. */
  wake(): void {
    if (!this.#waiting || this.#awaited) return;
    this.#awaited = true;
    this.face.later(this);
  }

  /** The command that waits to read finds no room. */
  refuseRead(text: string): void {
    this.#isQueued = false;
    this.#held = false;
    this.face.stats.commandsShed++;
    this.#refuse(text, findCommand(this.face.commands, this.#parser.args)?.row ?? NO_COMMAND_ROW);
    this.wake();
  }

  /** Lets go of the request that has come in in part, and says why; what came before it is answered first. */
  refuseUnfinished(reason: CloseReason, text: string): void {
    this.#parser.abandon();
    this.#held = false;
    this.#accounts.unfinished.set(0);
    if (this.#closing) return;
    this.face.closing(reason, text, this.address);
    this.#refuse(text, NO_COMMAND_ROW);
    this.closeAfterReplies();
  }

  /** The limit of time that it has passed. */
  overdue(nowMs: number): Overdue | null {
    if (this.#ending) return null;
    const unfinished = this.#parser.unfinished && !this.#closing;
    const { unsent: unsentBytes, takenMs } = this.#output;
    const state = { unfinished, isRead: !this.#waiting, inFlight: this.#ring.length, unsentBytes, takenMs };
    return this.#patience.overdue(nowMs, state, this.face.limits);
  }

  /** What was waited for may have passed. */
  resume(): void {
    this.#awaited = false;
    if (this.closed) return;
    this.#waiting = false;
    this.#pump(true);
    this.#accounts.unfinished.set(this.#parser.heldBytes);
    if (this.#waiting) return;
    this.#patience.onReadAgain(this.face.nowMs());
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket.resume();
  }

  /** The end of a turn. */
  flush(): void {
    this.#dirty = false;
    if (this.closed) return;
    this.#output.flush();
    const isDone = this.#ring.length === 0 && this.#output.isHandedOver;
    if (this.#closing && isDone && !this.#ending) this.#endSocket();
  }

  settled(slot: ReplySlot): void {
    const { writer } = this;
    this.face.meter.ended(slot.row, slot.column, slot.startedMs);
    this.#ring.ended(slot);
    const bytes = writer.end - writer.from;
    const seenBytes = Math.max(bytes, slot.seenBytes);
    this.#window.ended(slot.values, seenBytes);
    this.face.reads.learn(slot.values, seenBytes);
    this.#ended(slot);
    this.face.stats.bytesOut += bytes;
    this.#line.take(slot);
    const { unsent } = this.#line;
    this.#accounts.unsent.set(unsent);
    if (unsent > this.face.limits.outputBytesMax) {
      this.closeNow("outputBytesMax", unread(unsent, this.face.limits));
      return;
    }
    this.#markDirty();
    this.wake();
  }

  abandoned(slot: ReplySlot): void {
    this.#ended(slot);
    this.face.slots.give(slot);
  }

  #onData(chunk: Buffer): void {
    this.face.stats.bytesIn += chunk.length;
    this.heardMs = Date.now();
    if (this.#closing) {
      this.#lingerBytes += chunk.length;
      if (this.#lingerBytes > this.face.limits.lingerBytesMax) this.destroy();
      return;
    }
    this.#parser.push(chunk);
    if (!this.#waiting) this.#pump();
    this.#patience.onInput(this.face.nowMs(), this.#parser.begun);
    this.#accounts.unfinished.set(this.#parser.heldBytes);
    if (this.#waiting && !this.#paused) {
      this.#paused = true;
      this.#socket.pause();
    }
    this.face.arm();
  }

  #onInputEnd(): void {
    this.#inputEnded = true;
    if (!this.#waiting) this.closeAfterReplies();
    this.face.arm();
  }

  /** Parses and starts commands as far as the bytes and the bounds reach. */
  #pump(isDue = false): void {
    if (this.#pumping) return;
    this.#pumping = true;
    const wasQueued = this.#isQueued;
    this.#isQueued = false;
    const { shares } = this.face;
    this.#share.enter(shares, isDue);
    while (!this.#closing && !this.#mustPause()) {
      const isMore = this.#held || this.#parser.unreadBytes > 0;
      if (isMore && !this.#share.take(shares)) {
        this.#waiting = true;
        this.wake();
        break;
      }
      if (!this.#held) {
        const step = this.#parser.next();
        if (step === "broken") this.refuseUnfinished("protocol", `ERR ${this.#parser.error}`);
        if (step === "more" && this.#inputEnded) this.closeAfterReplies();
        if (step !== "command") break;
      }
      this.#held = !this.#run();
      this.#waiting = this.#held;
      if (this.#held) break;
    }
    this.#share.leave(shares, this.#isHeldBack && this.#parser.unreadBytes > BACKLOG_BYTES);
    this.#place.isGreedy = this.#share.isGreedy;
    this.#pumping = false;
    if (wasQueued && !this.#isQueued) this.face.reads.forget(this);
  }

  #mustPause(): boolean {
    const { limits } = this.face;
    const inFlightMax = this.face.crowd.share(limits.inFlightMax, this.#share.isGreedy);
    this.#isHeldBack = this.#ring.length >= inFlightMax;
    const isFull = this.#isHeldBack || this.#accounts.inFlight.bytes >= limits.inFlightBytesMax;
    const { unsent } = this.#line;
    this.#waiting = isFull || unsent > this.#unsentBytesMax(limits.outputPauseBytes);
    return this.#waiting;
  }

  /** How much may be unsent: less when all connections together hold much. */
  #unsentBytesMax(bytesMax: number): number {
    return this.face.budgets.output.isTight ? Math.min(bytesMax, STRAITENED_PAUSE_BYTES) : bytesMax;
  }

  /** Starts the command that has been parsed; false when it must wait for others. */
  #run(): boolean {
    const { args } = this.#parser;
    const found = findCommand(this.face.commands, args);
    const text = refusal(this.face, found, this.#parser);
    if (found === null || text !== "") {
      this.#refuse(text, found?.row ?? NO_COMMAND_ROW);
      return true;
    }
    const keys = keysOf(found, args.length);
    const key = keys === 1 ? (args[found.firstKey] ?? null) : null;
    const slow = isSlow(found, args, this.#bulkyBytes);
    const values = valuesOf(found, keys);
    if (found.effect !== "none") {
      if (this.#ring.mustWait(found.effect, key, slow)) return false;
      const unsent = this.#line.unsent;
      if (!this.#window.admits(values, unsent, this.#unsentBytesMax(this.face.limits.outputBytesMax)))
        return false;
    }
    if (this.#isOverload(found)) return true;
    const readBytes = this.#window.charge(values, this.face.reads.typicalBytes);
    this.#isQueued = readBytes > 0 && !this.face.reads.admits(this, readBytes);
    if (this.#isQueued) return false;
    const slot = this.face.slots.take();
    slot.take(this, this.protocol, found.row, this.face.meter.clock.nowMs());
    slot.effect = found.effect;
    slot.key = key;
    slot.slow = slow;
    slot.values = values;
    slot.readBytes = readBytes;
    this.#window.began(values);
    this.#ring.push(slot);
    this.face.stats.commands++;
    this.#last = found;
    slot.heldBytes = this.#parser.keptBytes;
    this.#accounts.inFlight.add(slot.heldBytes);
    this.#place.begin();
    found.run(this, slot, args);
    return true;
  }

  /** Refuses a command when those of all clients hold too much already; nothing of it has been done. */
  #isOverload(found: Command): boolean {
    const { inFlight } = this.face.budgets;
    if (found.effect === "none" || inFlight.bytes + this.#parser.keptBytes <= inFlight.bytesMax) return false;
    this.face.stats.commandsShed++;
    this.#refuse(overload(inFlight), found.row);
    return true;
  }

  #refuse(text: string, row: number): void {
    const slot = this.face.slots.take();
    slot.take(this, this.protocol, row, this.face.meter.clock.nowMs());
    this.#ring.push(slot);
    this.#place.begin();
    slot.error(text);
  }

  #ended(slot: ReplySlot): void {
    this.#accounts.inFlight.add(-slot.heldBytes);
    if (slot.readBytes > 0) this.face.reads.give(slot.readBytes);
    this.#place.end();
  }

  #onTaken(): void {
    if (this.closed) return;
    this.#accounts.unsent.set(this.#line.unsent);
    if (this.#closing) this.#markDirty();
    this.wake();
  }

  #markDirty(): void {
    if (this.#dirty) return;
    this.#dirty = true;
    this.face.dirty(this);
  }

  /** Ends our side, and listens a little longer: closing on unread bytes would take the last reply from the client. */
  #endSocket(): void {
    this.#ending = true;
    this.#socket.end();
    if (this.#paused) this.#socket.resume();
    destroyAfter(this.#socket, this.face.limits.lingerMs);
  }
}
