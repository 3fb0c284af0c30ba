/**
 * One connection to another member, from the first byte to the last: it cuts what arrives into messages, collects
 * what is written into frames, and knows how far the two sides have come with each other.
 *
 * `hello`: their HELLO is awaited. `naming`: the topologies differ and theirs is awaited, to say in what.
 * `confirming` (accepted links): our HELLO is sent and their first PING is awaited, for until then they may still
 * refuse. `up`: both agree. `closed`: nothing goes either way.
 */
import type { Bytes } from "../base/bytes.ts";
import { Timer } from "../base/timer-wheel.ts";
import type { MemberId } from "../model/member.ts";
import type { Epoch } from "../model/topology.ts";
import type { Lane, LinkId, LinkWriter, Transport } from "../ports/transport.ts";
import type { HybridClock } from "../version/hlc.ts";
import { FrameBuilder } from "../wire/frame-builder.ts";
import { FrameParser, type FrameUser } from "../wire/frame-parser.ts";
import type { MessageDecoder } from "../wire/message-decoder.ts";
import type { Hello, LinkHandler } from "../wire/messages.ts";

export type LinkPhase = "hello" | "naming" | "confirming" | "up" | "closed";

/** Who decides what a link means. */
export interface LinkOwner {
  /** A frame has arrived whole; before its messages are looked at. False: it is not to be. */
  onLinkFrame(link: PeerLink, epoch: Epoch, clock: number): boolean;
  onLinkPing(link: PeerLink, echo: number, minted: number): void;
  onLinkPong(link: PeerLink, echo: number, minted: number): void;
  /** The bytes break the protocol. */
  violation(link: PeerLink, reason: string): void;
  /** A frame was opened that must be finished when the turn ends. */
  onFrameOpened(link: PeerLink): void;
}

/** Who brings the two sides to agree, or not. */
export interface LinkGreeter {
  onHello(link: PeerLink, hello: Hello): void;
  onTopology(link: PeerLink, text: Bytes): void;
  onRefuse(link: PeerLink, code: string, text: string): void;
  /** The two sides have not come to agree in time. */
  onLate(link: PeerLink): void;
}

/** What all links of a member share. */
export interface LinkParts {
  readonly owner: LinkOwner;
  readonly greeter: LinkGreeter;
  readonly transport: Transport;
  readonly decoder: MessageDecoder;
  readonly clock: HybridClock;
  readonly epoch: Epoch;
}

/** Its timer is the handshake's. */
export class PeerLink extends Timer implements FrameUser, LinkHandler {
  readonly id: LinkId;
  readonly dialled: boolean;
  /** Who is at the other end: as dialled, or as it said; 0 before. */
  peer: MemberId;
  lane: Lane;
  phase: LinkPhase = "hello";
  /** Names the process at the other end, as it said. */
  session = 0;
  /** Of the directory that it speaks from, as it said. */
  birth = 0;
  /** When anything arrived last. */
  heardMs: number;
  /** When it answered a ping last, or came up. Whoever is heard may still not hear us. */
  answeredMs: number;
  /** The clock in the frame that is being looked at, and how far it was ahead of ours, in ms. */
  frameClock = 0;
  frameAheadMs = 0;
  readonly #parts: LinkParts;
  readonly #parser: FrameParser;
  readonly #builder = new FrameBuilder();
  /** What the open frame is written to. */
  #writer: LinkWriter | null = null;

  constructor(parts: LinkParts, id: LinkId, dialled: boolean, peer: MemberId, lane: Lane, nowMs: number) {
    super();
    this.#parts = parts;
    this.id = id;
    this.dialled = dialled;
    this.peer = peer;
    this.lane = lane;
    this.heardMs = nowMs;
    this.answeredMs = nowMs;
    this.#parser = new FrameParser(this, 0);
  }

  get up(): boolean {
    return this.phase === "up";
  }

  get open(): boolean {
    return this.phase !== "closed";
  }

  /** How long a frame may be from now on. */
  believe(payloadBytesMax: number): void {
    this.#parser.payloadBytesMax = payloadBytesMax;
  }

  receive(chunk: Bytes, nowMs: number): void {
    this.heardMs = nowMs;
    if (!this.#parser.push(chunk) && this.open) {
      this.#parts.owner.violation(this, this.#parser.failure);
    }
  }

  /** Where to write a message now; null: the link is closed or holds too much already. */
  writer(): LinkWriter | null {
    if (this.phase === "closed") return null;
    const writer = this.#parts.transport.writer(this.id);
    if (writer === null) return null;
    if (this.#builder.full(writer)) this.finishFrame();
    if (!this.#builder.open) {
      this.#builder.begin(writer);
      this.#writer = writer;
      this.#parts.owner.onFrameOpened(this);
    }
    return writer;
  }

  /** Does nothing when no frame is open. */
  finishFrame(): void {
    const writer = this.#writer;
    if (writer === null) return;
    this.#writer = null;
    this.#builder.finish(writer, this.#parts.epoch, this.#parts.clock.reading());
  }

  /** What is written still goes out. */
  close(): void {
    this.finishFrame();
    this.phase = "closed";
    this.#parts.transport.close(this.id);
  }

  /** The connection is gone. */
  lost(): void {
    this.phase = "closed";
    this.#writer = null;
    this.#builder.abandon();
  }

  onFrame(bytes: Bytes, from: number, to: number, epoch: Epoch, clock: number): boolean {
    const { owner, decoder } = this.#parts;
    if (!owner.onLinkFrame(this, epoch, clock)) return false;
    if (!decoder.decode(bytes, from, to, this)) {
      owner.violation(this, decoder.failure);
      return false;
    }
    return this.open;
  }

  onHello(hello: Hello): void {
    this.#parts.greeter.onHello(this, hello);
  }

  onTopology(text: Bytes): void {
    this.#parts.greeter.onTopology(this, text);
  }

  onRefuse(code: string, text: string): void {
    this.#parts.greeter.onRefuse(this, code, text);
  }

  onPing(echo: number, minted: number): void {
    this.#parts.owner.onLinkPing(this, echo, minted);
  }

  onPong(echo: number, minted: number): void {
    this.#parts.owner.onLinkPong(this, echo, minted);
  }

  override onTimer(): void {
    this.#parts.greeter.onLate(this);
  }
}
