/**
 * The links to all other members: one for requests and one for bulk with each, called by the member with the lower
 * id. Decides who can be talked to, and is where requests and replies go out and come in.
 */
import type { Bytes } from "../base/bytes.ts";
import type { Limits } from "../config/limits.ts";
import type { Timers } from "../control/timers.ts";
import type { MemberId } from "../model/member.ts";
import type { Epoch, Topology } from "../model/topology.ts";
import type { Clock } from "../ports/clock.ts";
import type { EventLevel, Events } from "../ports/events.ts";
import type { Random } from "../ports/random.ts";
import type { Lane, LinkId, LinkInputs, LinkWriter, Transport } from "../ports/transport.ts";
import { HLC_TICKS, type HybridClock } from "../version/hlc.ts";
import { encodePing, encodePong } from "../wire/encode-link.ts";
import { MessageDecoder } from "../wire/message-decoder.ts";
import type { MessageHandler } from "../wire/messages.ts";
import { ClockWatch } from "./clock-watch.ts";
import { Dialer } from "./dialer.ts";
import { drawNumber } from "./draw-number.ts";
import { Handshake, type HandshakeUser } from "./handshake.ts";
import { Heartbeat, type HeartbeatUser } from "./heartbeat.ts";
import { HelloCheck, type Memory } from "./hello-check.ts";
import { type LinkOwner, type LinkParts, PeerLink } from "./link.ts";
import { Notices } from "./notices.ts";
import { Peer, type PeerState } from "./peer.ts";

/** How long a refusal is believed when the peer is the one that calls, and does not call again. */
const REFUSED_MS = 10_000;

/** What the rest of the member wants to know of its peers. */
export interface PeerEvents {
  onPeerUp(peer: MemberId): void;
  /** Its foreground link is gone: what was asked of it on that link gets no answer. */
  onPeerDown(peer: MemberId): void;
  /** Its bulk link is gone, and what was under way on it; the other one may be as it was. */
  onBulkDown(peer: MemberId): void;
  /** It has gone silent, or speaks again. */
  onSuspect(peer: MemberId, suspect: boolean): void;
}

export interface PeerLinksParts {
  readonly self: MemberId;
  readonly topology: Topology;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly hlc: HybridClock;
  readonly timers: Timers;
  readonly random: Random;
  readonly transport: Transport;
  readonly events: Events;
  /** What the storage held at the start. */
  readonly memory: Memory;
  readonly handler: MessageHandler;
  readonly peerEvents: PeerEvents;
}

export class PeerLinks implements LinkInputs, LinkOwner, HandshakeUser, HeartbeatUser {
  readonly #parts: PeerLinksParts;
  readonly #peers = new Map<MemberId, Peer>();
  readonly #links = new Map<LinkId, PeerLink>();
  readonly #memory: Memory & { readonly heard: Map<MemberId, number> };
  readonly #linkParts: LinkParts;
  readonly #handshake: Handshake;
  readonly #heartbeat: Heartbeat;
  readonly #notices: Notices;
  readonly #watch: ClockWatch;
  /** Links with a frame that was opened in this turn. */
  readonly #written: PeerLink[] = [];
  #suspended = false;
  #stopped = false;

  constructor(parts: PeerLinksParts) {
    const { self, topology, limits, hlc, timers, transport, events, memory, handler, random } = parts;
    this.#parts = parts;
    const births = new Map(memory.births);
    this.#memory = { ...memory, heard: new Map(memory.heard), births };
    for (const { id, name } of topology.members) if (id !== self) this.#peers.set(id, new Peer(id, name));
    this.#notices = new Notices(events);
    this.#watch = new ClockWatch(this.#peers.size, limits.maxClockDriftMs);
    this.#heartbeat = new Heartbeat(limits, timers, [...this.#peers.values()], this);
    this.#handshake = new Handshake({
      topology,
      limits,
      timers,
      check: new HelloCheck({ self, topology, hlc, session: drawNumber(random), memory: this.#memory }),
      notices: this.#notices,
      peers: this.#peers,
      births,
      user: this,
    });
    this.#linkParts = {
      owner: this,
      greeter: this.#handshake,
      transport,
      decoder: new MessageDecoder(handler),
      clock: hlc,
      epoch: topology.epoch,
    };
  }

  /** Begins to call the members that are ours to call. */
  start(): void {
    this.#heartbeat.start();
    for (const peer of this.#peers.values()) {
      if (peer.id < this.#parts.self) continue;
      const foreground = new Dialer(this.#parts, peer.id, "foreground");
      const bulk = new Dialer(this.#parts, peer.id, "bulk");
      peer.dialers = { foreground, bulk };
      foreground.dial();
      bulk.dial();
    }
  }

  /** Closes all links and calls nobody any more. What is written still goes out. */
  stop(): void {
    this.#stopped = true;
    this.#heartbeat.stop();
    for (const { dialers } of this.#peers.values()) {
      dialers?.foreground.stop();
      dialers?.bulk.stop();
    }
    for (const link of this.#links.values()) this.drop(link, "this member stops");
  }

  /** Linked, and heard from lately. */
  reachable(peer: MemberId): boolean {
    const known = this.#peers.get(peer);
    return known !== undefined && known.links.foreground !== null && !known.suspect;
  }

  /**
   * Where to write a message to a peer; null: it is surely not sent. What is written goes out when the turn ends.
   * While there is no bulk link the other one serves for both.
   */
  writer(peer: MemberId, lane: Lane): LinkWriter | null {
    const links = this.#peers.get(peer)?.links;
    if (links === undefined) return null;
    return (links[lane] ?? links.foreground)?.writer() ?? null;
  }

  /** Smoothed, in ms; 0 when unknown. */
  roundTripMs(peer: MemberId): number {
    return this.#peers.get(peer)?.roundTripMs.value ?? 0;
  }

  /** Its clock minus ours when it was last seen, in ms; 0 when unknown. */
  clockOffsetMs(peer: MemberId): number {
    return this.#watch.offsetMs(peer);
  }

  /** The clock (HLC) in the last frame from a peer; 0 when there was none. */
  peerClock(peer: MemberId): number {
    return this.#peers.get(peer)?.clock ?? 0;
  }

  /** The clock at which the peer's process started, which no other process of it shares; 0 when unknown. */
  session(peer: MemberId): number {
    return this.#peers.get(peer)?.session ?? 0;
  }

  state(peer: MemberId): PeerState {
    return this.#peers.get(peer)?.state ?? "down";
  }

  /** Why a peer is not up; empty when it is. */
  reason(peer: MemberId): string {
    return this.#peers.get(peer)?.reason ?? "not a member";
  }

  /** Whether our own clock is far ahead of most other members': then we must not coordinate. */
  clockSuspended(): boolean {
    return this.#suspended;
  }

  /** What is to be remembered over restarts. */
  remembered(): Omit<Memory, "ceiling"> {
    return this.#memory;
  }

  /** Finishes the frames that were written to. */
  onTurnEnd(): void {
    for (const link of this.#written) link.finishFrame();
    this.#written.length = 0;
  }

  onLinkUp(id: LinkId, peer: MemberId, lane: Lane | null): void {
    if (this.#stopped) {
      this.#parts.transport.close(id);
      return;
    }
    const link = new PeerLink(this.#linkParts, id, peer !== 0, peer, lane ?? "foreground", this.#nowMs());
    this.#links.set(id, link);
    this.#handshake.begin(link);
  }

  onDialFailed(id: MemberId, lane: Lane, reason: string): void {
    const peer = this.#peers.get(id);
    if (peer === undefined || this.#stopped) return;
    if (lane === "foreground") {
      peer.refusal = "";
      peer.downReason = reason;
    }
    peer.dialers?.[lane].retry(this.#nowMs());
  }

  onLinkBytes(id: LinkId, chunk: Bytes): void {
    const link = this.#links.get(id);
    if (link !== undefined && link.open) link.receive(chunk, this.#nowMs());
  }

  onLinkDown(id: LinkId, reason: string): void {
    const link = this.#links.get(id);
    if (link === undefined) return;
    this.#links.delete(id);
    if (!link.open) return;
    link.lost();
    this.#detach(link, reason);
  }

  onLinkFrame(link: PeerLink, epoch: Epoch, clock: number): boolean {
    const { hlc, topology } = this.#parts;
    link.frameClock = clock;
    link.frameAheadMs = (clock - hlc.reading()) / HLC_TICKS;
    if (link.phase === "hello" || link.phase === "naming") return true;
    if (epoch !== topology.epoch) {
      const text = `this member is at epoch ${topology.epoch}, and a frame at epoch ${epoch} came in`;
      this.#handshake.refuse(link, "EPOCH", text);
      return false;
    }
    return this.adoptClock(link);
  }

  onLinkPing(link: PeerLink, echo: number, minted: number): void {
    if (link.phase === "confirming" && !this.#handshake.confirm(link)) return;
    if (!this.#noteMinted(link, minted)) return;
    const writer = link.writer();
    if (writer !== null) encodePong(writer, echo, this.#parts.hlc.minted);
  }

  onLinkPong(link: PeerLink, echo: number, minted: number): void {
    if (!this.#noteMinted(link, minted)) return;
    const peer = this.#peers.get(link.peer);
    const roundTripMs = this.#nowMs() - echo / 1000;
    link.answeredMs = this.#nowMs();
    if (peer === undefined || link.lane !== "foreground" || roundTripMs < 0) return;
    peer.roundTripMs.add(roundTripMs);
    this.#noteOffset(peer, link.frameAheadMs + roundTripMs / 2);
    if (!peer.suspect) return;
    peer.suspect = false;
    this.#tell("info", "peer-speaks", peer, `${peer.title} answers again`);
    this.#parts.peerEvents.onSuspect(peer.id, false);
  }

  onFrameOpened(link: PeerLink): void {
    this.#written.push(link);
  }

  violation(link: PeerLink, reason: string): void {
    const who = this.#peers.get(link.peer)?.title ?? "a stranger";
    const text = `${who} broke the peer protocol: ${reason}; its link is closed`;
    const fields = { peer: link.peer, reason };
    this.#notices.note(this.#nowMs(), "warn", "protocol-violation", link.peer, text, fields);
    this.drop(link, reason);
  }

  adoptClock(link: PeerLink): boolean {
    const peer = this.#peers.get(link.peer);
    if (peer === undefined) return false;
    if (!this.#parts.hlc.observe(link.frameClock)) {
      this.#noteOffset(peer, link.frameAheadMs);
      const aheadMs = Math.round(this.#parts.hlc.aheadMs(link.frameClock) / 100) * 100;
      const { maxClockDriftMs } = this.#parts.limits;
      const text = `the clock of ${peer.title} is ${aheadMs} ms ahead of our time, more than ${maxClockDriftMs} ms: check time synchronisation`;
      const fields = { peer: peer.id, aheadMs };
      this.#notices.note(this.#nowMs(), "error", "clock-drift", peer.id, text, fields);
      this.#handshake.refuse(link, "CLOCK", text);
      return false;
    }
    if (link.phase === "hello") this.#noteOffset(peer, link.frameAheadMs);
    peer.clock = link.frameClock;
    return true;
  }

  noteClock(link: PeerLink): void {
    const peer = this.#peers.get(link.peer);
    if (peer !== undefined) this.#noteOffset(peer, link.frameAheadMs);
  }

  attach(link: PeerLink): void {
    const peer = this.#peers.get(link.peer);
    if (peer === undefined) return;
    const { lane } = link;
    if (peer.confirming[lane] === link) peer.confirming[lane] = null;
    const older = peer.links[lane];
    if (older !== null) this.drop(older, "replaced by a newer link");
    peer.links[lane] = link;
    link.answeredMs = this.#nowMs();
    peer.dialers?.[lane].connected(this.#nowMs());
    // The caller's first ping tells the other side that it agrees. In a frame of its own: until then the other side
    // takes no frame that is longer than a handshake.
    this.ping(link);
    link.finishFrame();
    // What its earlier processes asked is not answered any more, and the other link may still lead to one of them.
    peer.session = link.session;
    const other = peer.links[lane === "bulk" ? "foreground" : "bulk"];
    if (other !== null && other.session !== link.session) this.drop(other, `${peer.title} has started again`);
    if (lane !== "foreground") return;
    peer.suspect = false;
    peer.refusal = "";
    this.#tell("info", "peer-up", peer, `${peer.title} is up`);
    this.#parts.peerEvents.onPeerUp(peer.id);
  }

  drop(link: PeerLink, reason: string): void {
    if (!link.open) return;
    link.close();
    this.#detach(link, reason);
  }

  rolledBack(text: string): void {
    this.stop();
    this.#parts.events.fatal("rolled-back", text);
  }

  ping(link: PeerLink): void {
    const writer = link.writer();
    if (writer !== null) encodePing(writer, Math.floor(this.#nowMs() * 1000), this.#parts.hlc.minted);
  }

  onSilent(peer: Peer): void {
    peer.suspect = true;
    this.#tell("warn", "peer-suspect", peer, `${peer.title} does not answer and is passed over`);
    this.#parts.peerEvents.onSuspect(peer.id, true);
  }

  onBeat(nowMs: number): void {
    for (const peer of this.#peers.values()) {
      if (peer.refusal === "" || nowMs - peer.refusedMs < REFUSED_MS) continue;
      peer.downReason = `nothing heard since it was refused: ${peer.refusal}`;
      peer.refusal = "";
    }
    this.#judgeOwnClock();
  }

  #detach(link: PeerLink, reason: string): void {
    const { timers, peerEvents } = this.#parts;
    timers.cancel(link);
    const peer = this.#peers.get(link.peer);
    if (peer === undefined) return;
    const { lane } = link;
    if (peer.confirming[lane] === link) peer.confirming[lane] = null;
    const wasUp = peer.links[lane] === link;
    if (wasUp) peer.links[lane] = null;
    if (link.dialled && !this.#stopped) peer.dialers?.[lane].retry(this.#nowMs());
    if (lane === "bulk" && wasUp) peerEvents.onBulkDown(peer.id);
    if (lane !== "foreground" || peer.links.foreground !== null) return;
    peer.downReason = reason;
    if (!wasUp) return;
    peer.suspect = false;
    this.#tell("warn", "peer-down", peer, `${peer.title} is down: ${reason}`);
    peerEvents.onPeerDown(peer.id);
  }

  /** Remembers what a peer has minted. False: it cannot be, and the link is closed. */
  #noteMinted(link: PeerLink, minted: number): boolean {
    if (!link.up || minted > link.frameClock) {
      this.violation(link, "a ping or pong that cannot be");
      return false;
    }
    const { heard } = this.#memory;
    if (minted > (heard.get(link.peer) ?? 0)) heard.set(link.peer, minted);
    return true;
  }

  #noteOffset(peer: Peer, offsetMs: number): void {
    this.#watch.note(peer.id, offsetMs, this.#nowMs());
    this.#judgeOwnClock();
  }

  #judgeOwnClock(): void {
    const ahead = this.#watch.ahead(this.#nowMs());
    if (ahead === this.#suspended) return;
    this.#suspended = ahead;
    const { events, limits } = this.#parts;
    const text = ahead
      ? `this member's clock is more than ${limits.maxClockDriftMs} ms ahead of most others': it coordinates no writes; set its clock and restart it`
      : "this member's clock agrees with most others' again";
    events.event(ahead ? "error" : "info", ahead ? "clock-suspended" : "clock-resumed", text, {});
  }

  #tell(level: EventLevel, name: string, peer: Peer, text: string): void {
    this.#parts.events.event(level, name, text, { peer: peer.id, name: peer.name });
  }

  #nowMs(): number {
    return this.#parts.clock.monoMs();
  }
}
