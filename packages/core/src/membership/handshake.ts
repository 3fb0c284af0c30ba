/**
 * How two members come to agree on a link, or part with words that name why.
 *
 * The caller says HELLO, the other judges it and answers with its own, the caller judges that and pings: with the
 * first ping both know that both agreed. Where only the topologies differ each side sends its own, so that each can
 * say in what. Whoever will not talk sends REFUSE and closes; the caller calls again later, for opinions change.
 */
import type { Bytes } from "../base/bytes.ts";
import { utf8Decode, utf8Encode } from "../base/utf8.ts";
import type { Limits } from "../config/limits.ts";
import type { Timers } from "../control/timers.ts";
import type { MemberId } from "../model/member.ts";
import type { Topology } from "../model/topology.ts";
import { describeDifference, topologyText } from "../ring/topology-text.ts";
import { encodeHello, encodeRefuse, encodeTopology } from "../wire/encode-link.ts";
import { type Hello, TOPOLOGY_TEXT_BYTES_MAX } from "../wire/messages.ts";
import type { HelloCheck, RefuseCode } from "./hello-check.ts";
import type { LinkGreeter, PeerLink } from "./link.ts";
import type { Notices } from "./notices.ts";
import type { Peer } from "./peer.ts";

/** A HELLO is a few hundred bytes; a stranger gets no more than this. */
const STRANGER_BYTES_MAX = 4 * 1024;
const TOPOLOGY_FRAME_BYTES_MAX = TOPOLOGY_TEXT_BYTES_MAX + 2 * STRANGER_BYTES_MAX;

/** Accepted links whose topology is awaited at a time: each may take megabytes, and nobody knows yet who it is. */
const NAMING_MAX = 2;

/** What a terminal would obey instead of showing. */
const UNSEEN = /[\p{Cc}\p{Cf}]/gu;

export interface HandshakeUser {
  /** Takes notice of the clock in the frame at hand. False: it is refused, and the link is closed. */
  adoptClock(link: PeerLink): boolean;
  /** The clock in the frame at hand is the peer's, whether or not we adopt it. */
  noteClock(link: PeerLink): void;
  /** Both sides agree: the link is this peer's from now on. */
  attach(link: PeerLink): void;
  drop(link: PeerLink, reason: string): void;
  violation(link: PeerLink, reason: string): void;
  /** This member must stop. */
  rolledBack(text: string): void;
}

export interface HandshakeParts {
  readonly topology: Topology;
  readonly limits: Limits;
  readonly timers: Timers;
  readonly check: HelloCheck;
  readonly notices: Notices;
  readonly peers: ReadonlyMap<MemberId, Peer>;
  /** Of the peers' directories: learned when a link comes up. */
  readonly births: Map<MemberId, number>;
  readonly user: HandshakeUser;
}

export class Handshake implements LinkGreeter {
  readonly #parts: HandshakeParts;
  /** Accepted links that may still be in phase `naming`. */
  readonly #naming = new Set<PeerLink>();
  /** Made when the first difference is to be named. */
  #topologyText = "";

  constructor(parts: HandshakeParts) {
    this.#parts = parts;
  }

  /** A connection has come to be. */
  begin(link: PeerLink): void {
    const { timers, limits } = this.#parts;
    timers.after(link, limits.handshakeMsMax);
    link.believe(link.dialled ? TOPOLOGY_FRAME_BYTES_MAX : STRANGER_BYTES_MAX);
    if (link.dialled) this.#sendHello(link);
  }

  /** The caller's first ping: it has agreed too. False: we have not, and the link is closed. */
  confirm(link: PeerLink): boolean {
    this.#up(link);
    return link.up;
  }

  /** Tells the other side why not, and closes. */
  refuse(link: PeerLink, code: RefuseCode, text: string): void {
    this.#noteRefusal(link, text, code);
    const writer = link.writer();
    if (writer !== null) encodeRefuse(writer, code, text);
    this.#parts.user.drop(link, text);
  }

  onHello(link: PeerLink, hello: Hello): void {
    const { check, peers, user } = this.#parts;
    if (link.phase !== "hello") {
      user.violation(link, "a second HELLO on one link");
      return;
    }
    const verdict = check.judge(hello, link.dialled ? link.peer : 0, link.lane);
    if (!link.dialled) {
      link.peer = peers.has(hello.member) ? hello.member : 0;
      link.lane = hello.lane;
    }
    switch (verdict.outcome) {
      case "rolled-back":
        user.rolledBack(verdict.text);
        return;
      case "refused":
        this.refuse(link, verdict.code, verdict.text);
        return;
      case "differs":
        this.#sendTopology(link);
        return;
      case "agreed":
        link.session = hello.session;
        link.birth = hello.birth;
        this.#noteDouble(link, hello);
        this.#agree(link);
    }
  }

  onTopology(link: PeerLink, text: Bytes): void {
    if (link.phase !== "naming") {
      this.#parts.user.violation(link, "a topology that was not asked for");
      return;
    }
    const differences = describeDifference(this.#ownText(), utf8Decode(text));
    // The same text under another digest: the peer does not make digests as we do.
    const words = differences.length === 0 ? "only in their digests" : differences.join("; ");
    this.refuse(link, "TOPOLOGY", `the topologies differ: ${words}`);
  }

  onRefuse(link: PeerLink, code: string, text: string): void {
    const { user } = this.#parts;
    const said = text.replaceAll(UNSEEN, "?");
    // One whose clock is refused hears nothing else of the other's clock, and it may be the one that is wrong.
    if (code === "CLOCK") user.noteClock(link);
    this.#noteRefusal(link, `the other side refused: ${said}`, code.replaceAll(UNSEEN, "?"));
    user.drop(link, `refused: ${said}`);
  }

  onLate(link: PeerLink): void {
    const text = `no agreement within ${this.#parts.limits.handshakeMsMax} ms`;
    if (link.phase === "naming") this.#noteRefusal(link, "the topologies differ", "TOPOLOGY");
    this.#parts.user.drop(link, text);
  }

  #agree(link: PeerLink): void {
    const { user, peers } = this.#parts;
    if (!user.adoptClock(link)) return;
    if (link.dialled) {
      this.#up(link);
      return;
    }
    const peer = peers.get(link.peer);
    const older = peer?.confirming[link.lane] ?? null;
    if (older !== null) user.drop(older, "replaced by a newer link");
    if (peer !== undefined) peer.confirming[link.lane] = link;
    link.phase = "confirming";
    this.#sendHello(link);
  }

  /** A peer that has restarted leaves no link that still speaks; two processes under one id do. */
  #noteDouble(link: PeerLink, hello: Hello): void {
    const { peers, notices, limits, timers } = this.#parts;
    const peer = peers.get(link.peer);
    if (peer === undefined || link.lane !== "foreground") return;
    const live = peer.links.foreground;
    const nowMs = timers.nowMs();
    if (live !== null && live.session !== hello.session && nowMs - live.heardMs < 2 * limits.pingEveryMs) {
      const text = `two processes seem to speak as ${peer.title}: stop one of them`;
      notices.note(nowMs, "error", "peer-double", peer.id, text, { peer: peer.id });
    }
  }

  #up(link: PeerLink): void {
    const { timers, limits, check, births, user } = this.#parts;
    const objection = check.objection(link.peer, link.birth);
    if (objection !== "") {
      this.refuse(link, "MEMBER", objection);
      return;
    }
    births.set(link.peer, link.birth);
    timers.cancel(link);
    link.phase = "up";
    link.believe(limits.frameBytesMax);
    user.attach(link);
  }

  #sendHello(link: PeerLink): void {
    const writer = link.writer();
    if (writer === null) this.#parts.user.drop(link, "the link takes no bytes");
    else encodeHello(writer, this.#parts.check.hello(link.lane, link.peer));
  }

  #sendTopology(link: PeerLink): void {
    link.phase = "naming";
    if (!link.dialled) this.#sendHello(link);
    const writer = link.writer();
    if (writer !== null) encodeTopology(writer, utf8Encode(this.#ownText()));
    if (!link.dialled && !this.#mayName(link)) this.refuse(link, "TOPOLOGY", "the topologies differ");
    else link.believe(TOPOLOGY_FRAME_BYTES_MAX);
  }

  /** Whether there is room for what it would send; if not, it can still name the difference on its side. */
  #mayName(link: PeerLink): boolean {
    for (const other of this.#naming) if (other.phase !== "naming") this.#naming.delete(other);
    if (this.#naming.size >= NAMING_MAX) return false;
    this.#naming.add(link);
    return true;
  }

  #noteRefusal(link: PeerLink, text: string, code: string): void {
    const { peers, notices, timers } = this.#parts;
    const peer = peers.get(link.peer);
    const nowMs = timers.nowMs();
    peer?.refuse(text, nowMs);
    const who = peer?.title ?? "a stranger";
    const fields = { peer: link.peer, code, reason: text };
    notices.note(nowMs, "error", "peer-refused", link.peer, `no talk with ${who}: ${text}`, fields);
  }

  #ownText(): string {
    if (this.#topologyText === "") this.#topologyText = topologyText(this.#parts.topology);
    return this.#topologyText;
  }
}
