/**
 * A small world for tests of membership: members in virtual time, connected by links that pass bytes, cut at random
 * places. The same seed gives the same run.
 */
import { Prng } from "../base/prng.ts";
import { DEFAULT_LIMITS, type Limits } from "../config/limits.ts";
import { Timers } from "../control/timers.ts";
import type { MemberId } from "../model/member.ts";
import type { Topology } from "../model/topology.ts";
import type { Clock } from "../ports/clock.ts";
import type { EventFields, EventLevel, Events } from "../ports/events.ts";
import type { Lane, LinkId, LinkInputs, LinkWriter, Transport } from "../ports/transport.ts";
import { HybridClock } from "../version/hlc.ts";
import { Recorder, TestWriter } from "../wire/wire.fixture.ts";
import { type PeerEvents, PeerLinks } from "./links.ts";

const START_MS = Date.UTC(2026, 0, 1);

interface Event {
  readonly atMs: number;
  readonly run: () => void;
}

export class World {
  nowMs = 1000;
  delayMs = 1;
  readonly random: Prng;
  /** How many have been started. */
  processes = 0;
  readonly members = new Map<MemberId, TestMember>();
  readonly #cut = new Set<string>();
  /** The next one last; what is due at the same time runs in the order in which it was planned. */
  readonly #events: Event[] = [];
  #links = 0;

  constructor(seed: number) {
    this.random = new Prng(seed);
  }

  start(id: MemberId, options: TestMemberOptions): TestMember {
    const member = new TestMember(this, id, options);
    this.members.set(id, member);
    member.input(() => member.links.start());
    return member;
  }

  at(atMs: number, run: () => void): void {
    const events = this.#events;
    let low = 0;
    let high = events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((events[middle]?.atMs ?? 0) > atMs) low = middle + 1;
      else high = middle;
    }
    events.splice(low, 0, { atMs, run });
  }

  /** Runs everything that is due within this many ms. */
  run(ms: number): void {
    const endMs = this.nowMs + ms;
    for (
      let next = this.#events.at(-1);
      next !== undefined && next.atMs <= endMs;
      next = this.#events.at(-1)
    ) {
      this.#events.pop();
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.run();
    }
    this.nowMs = endMs;
  }

  newLinkId(): LinkId {
    return ++this.#links;
  }

  /** Damages bytes on their way, when set. */
  damage: ((bytes: Uint8Array) => void) | null = null;

  /** Bytes from `a` to `b` vanish, as on a cut cable: nobody is told. */
  cut(a: MemberId, b: MemberId): void {
    this.#cut.add(`${a}-${b}`);
  }

  heal(a: MemberId, b: MemberId): void {
    this.#cut.delete(`${a}-${b}`);
  }

  isCut(a: MemberId, b: MemberId): boolean {
    return this.#cut.has(`${a}-${b}`);
  }

  member(id: MemberId): TestMember {
    const member = this.members.get(id);
    if (member === undefined) throw new Error(`no member ${id}`);
    return member;
  }
}

/** One end of a connection. */
class End implements LinkWriter {
  readonly id: LinkId;
  readonly owner: WorldTransport;
  readonly #writer = new TestWriter();
  other: End | null = null;
  open = true;
  /** TCP keeps order whatever the delays. */
  lastAtMs = 0;

  constructor(id: LinkId, owner: WorldTransport) {
    this.id = id;
    this.owner = owner;
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#writer.bytes;
  }

  get view(): DataView<ArrayBuffer> {
    return this.#writer.view;
  }

  get end(): number {
    return this.#writer.end;
  }

  set end(end: number) {
    this.#writer.end = end;
  }

  ensure(count: number): void {
    this.#writer.ensure(count);
  }

  take(): Uint8Array {
    const bytes = this.#writer.written();
    this.#writer.end = 0;
    return bytes;
  }
}

export class WorldTransport implements Transport {
  readonly #world: World;
  readonly #member: TestMember;
  readonly ends = new Map<LinkId, End>();
  /** Addresses that lead elsewhere, as a wrong configuration has them. */
  readonly overrides = new Map<MemberId, MemberId>();
  full = false;
  dials = 0;
  readonly #received = new Map<End, Uint8Array[]>();

  constructor(world: World, member: TestMember) {
    this.#world = world;
    this.#member = member;
  }

  dial(peer: MemberId, lane: Lane): void {
    const world = this.#world;
    this.dials++;
    world.at(world.nowMs + world.delayMs, () => {
      const target = this.overrides.get(peer) ?? peer;
      const other = world.members.get(target);
      const reachable = !world.isCut(this.#member.id, target) && !world.isCut(target, this.#member.id);
      if (other === undefined || !reachable) {
        this.#member.input((links) => links.onDialFailed(peer, lane, "connection refused"));
        return;
      }
      const here = new End(world.newLinkId(), this);
      const there = new End(world.newLinkId(), other.transport);
      here.other = there;
      there.other = here;
      this.ends.set(here.id, here);
      other.transport.ends.set(there.id, there);
      other.input((links) => links.onLinkUp(there.id, 0, null));
      this.#member.input((links) => links.onLinkUp(here.id, peer, lane));
    });
  }

  /** A connection from somebody who is no member: returns what it can send with. */
  accept(): { send: (bytes: Uint8Array) => void; received: Uint8Array[]; id: LinkId } {
    const here = new End(this.#world.newLinkId(), this);
    this.ends.set(here.id, here);
    const received: Uint8Array[] = [];
    const stranger = new End(this.#world.newLinkId(), this);
    stranger.take = () => new Uint8Array(0);
    here.other = stranger;
    this.#received.set(stranger, received);
    this.#member.input((links) => links.onLinkUp(here.id, 0, null));
    return {
      send: (bytes) => this.#member.input((links) => links.onLinkBytes(here.id, bytes)),
      received,
      id: here.id,
    };
  }

  writer(link: LinkId): LinkWriter | null {
    const end = this.ends.get(link);
    return end === undefined || !end.open || this.full ? null : end;
  }

  close(link: LinkId): void {
    const end = this.ends.get(link);
    if (end === undefined || !end.open) return;
    this.#send(end);
    end.open = false;
    const atMs = Math.max(end.lastAtMs, this.#world.nowMs + this.#world.delayMs);
    this.#world.at(atMs, () => {
      this.#down(end, "closed here");
      if (end.other !== null) end.other.owner.#down(end.other, "closed by the other side");
    });
  }

  flush(): void {
    for (const end of this.ends.values()) this.#send(end);
  }

  /** The process is gone: its connections are reset. */
  crash(): void {
    for (const end of this.ends.values()) {
      this.ends.delete(end.id);
      end.open = false;
      const { other } = end;
      if (other !== null) this.#world.at(this.#world.nowMs + 1, () => other.owner.#down(other, "reset"));
    }
  }

  #send(end: End): void {
    const bytes = end.take();
    const { other } = end;
    if (bytes.length === 0 || other === null) return;
    const stranger = this.#received.get(other);
    if (stranger !== undefined) {
      stranger.push(bytes);
      return;
    }
    const { random, damage } = this.#world;
    damage?.(bytes);
    for (let at = 0; at < bytes.length;) {
      const length = 1 + random.below(random.below(4) === 0 ? 4 : 2000);
      const piece = bytes.slice(at, at + length);
      at += length;
      end.lastAtMs = Math.max(end.lastAtMs, this.#world.nowMs + this.#world.delayMs);
      this.#world.at(end.lastAtMs, () => other.owner.#receive(other, piece, end.owner.#member.id));
    }
  }

  #receive(end: End, piece: Uint8Array, from: MemberId): void {
    if (!end.open || this.#world.isCut(from, this.#member.id)) return;
    this.#member.input((links) => links.onLinkBytes(end.id, piece));
  }

  #down(end: End, reason: string): void {
    if (!this.ends.delete(end.id)) return;
    end.open = false;
    this.#member.input((links) => links.onLinkDown(end.id, reason));
  }
}

export interface ToldEvent {
  readonly level: EventLevel | "fatal";
  readonly name: string;
  readonly text: string;
  readonly fields: EventFields;
}

export interface TestMemberOptions {
  readonly topology: Topology;
  readonly limits?: Partial<Limits>;
  readonly wallOffsetMs?: number;
  readonly ceiling?: number;
  readonly heard?: ReadonlyMap<MemberId, number>;
  /** Of its directory: the same for each member unless said. */
  readonly birth?: number;
  readonly births?: ReadonlyMap<MemberId, number>;
}

/** The birth of a member's directory, unless said otherwise. */
export function birthOf(id: MemberId): number {
  return 100 + id;
}

export class TestMember implements Events, PeerEvents, Clock {
  readonly id: MemberId;
  readonly world: World;
  readonly transport: WorldTransport;
  readonly timers: Timers;
  readonly hlc: HybridClock;
  readonly links: PeerLinks;
  readonly recorder = new Recorder();
  readonly told: ToldEvent[] = [];
  /** What the rest of the member is told of peers, such as `up 2`. */
  /** Whose bulk link has gone, each time. */
  readonly bulkDowns: MemberId[] = [];
  readonly peerEvents: string[] = [];
  readonly #wallOffsetMs: number;
  readonly #early: (() => void)[] = [];
  #alarmMs = Infinity;
  /** While the event loop stalls, nothing comes in. */
  #stalledUntilMs = 0;
  #alive = true;

  constructor(world: World, id: MemberId, options: TestMemberOptions) {
    const { topology, limits, wallOffsetMs = 0, ceiling = 0 } = options;
    const { birth = birthOf(id), heard = new Map(), births = new Map() } = options;
    this.id = id;
    this.world = world;
    this.#wallOffsetMs = wallOffsetMs;
    this.transport = new WorldTransport(world, this);
    this.timers = new Timers(this, { wakeAt: (atMs) => this.#wakeAt(atMs) });
    this.hlc = new HybridClock(this, DEFAULT_LIMITS.maxClockDriftMs, ceiling);
    this.links = new PeerLinks({
      self: id,
      topology,
      limits: { ...DEFAULT_LIMITS, ...limits },
      clock: this,
      hlc: this.hlc,
      timers: this.timers,
      random: world.random.fork(`random of ${id}, process ${++world.processes}`),
      transport: this.transport,
      events: this,
      memory: { ceiling, birth, heard, births },
      handler: this.recorder,
      peerEvents: this,
    });
  }

  wallMs(): number {
    return START_MS + this.world.nowMs + this.#wallOffsetMs;
  }

  monoMs(): number {
    return this.world.nowMs;
  }

  /** One input and the end of its turn; after the stall, if there is one, and then the alarm comes first. */
  input(run: (links: LinkInputs) => void): void {
    if (!this.#alive) return;
    if (this.world.nowMs < this.#stalledUntilMs) {
      this.#early.push(() => this.input(run));
      return;
    }
    run(this.links);
    this.links.onTurnEnd();
    this.transport.flush();
  }

  stall(ms: number): void {
    this.#stalledUntilMs = this.world.nowMs + ms;
    this.world.at(this.#stalledUntilMs, () => {
      this.#ring();
      for (const run of this.#early.splice(0)) run();
    });
  }

  /** Kill -9. */
  crash(): void {
    this.#alive = false;
    this.world.members.delete(this.id);
    this.transport.crash();
  }

  /** Its machine loses power: nobody is told. */
  powerOff(): void {
    this.#alive = false;
    this.world.members.delete(this.id);
  }

  event(level: EventLevel, name: string, text: string, fields: EventFields): void {
    this.told.push({ level, name, text, fields });
  }

  fatal(code: string, text: string): void {
    this.told.push({ level: "fatal", name: code, text, fields: {} });
  }

  toldNames(): string[] {
    return this.told.map(({ name }) => name);
  }

  onPeerUp(peer: MemberId): void {
    this.peerEvents.push(`up ${peer}`);
  }

  onPeerDown(peer: MemberId): void {
    this.peerEvents.push(`down ${peer}`);
  }

  onBulkDown(peer: MemberId): void {
    this.bulkDowns.push(peer);
  }

  onSuspect(peer: MemberId, suspect: boolean): void {
    this.peerEvents.push(`${suspect ? "suspect" : "trust"} ${peer}`);
  }

  #wakeAt(atMs: number): void {
    this.#alarmMs = atMs;
    this.world.at(atMs, () => {
      if (this.world.nowMs >= this.#stalledUntilMs) this.#ring();
    });
  }

  #ring(): void {
    if (this.world.nowMs < this.#alarmMs) return;
    this.#alarmMs = Infinity;
    this.input(() => this.timers.onAlarm());
  }
}
