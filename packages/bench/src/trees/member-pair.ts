/**
 * Two members of core in one process, homes of the same keys: their clock is moved by hand, what they say to each other
 * is counted, and so is the time that each of them computes.
 */
import {
  bootMember,
  DEFAULT_LIMITS,
  formTopology,
  Prng,
  type Address,
  type Bytes,
  type ExchangeStatus,
  type Lane,
  type LinkId,
  type LinkWriter,
  type Member,
  type PutRequest,
  type Topology,
} from "@kvorum/core";
import type { FilledRows } from "./filled-rows.ts";
import { RowStorage } from "./row-storage.ts";

const TICK_MS = 10;
const START_MS = 1_700_000_000_000;
const WRITER_BYTES = 64 * 1024;

class PipeEnd implements LinkWriter {
  readonly link: LinkId;
  readonly side: Side;
  bytes: Bytes = new Uint8Array(WRITER_BYTES);
  view = new DataView(this.bytes.buffer);
  end = 0;
  other: PipeEnd | null = null;

  constructor(link: LinkId, side: Side) {
    this.link = link;
    this.side = side;
  }

  ensure(count: number): void {
    if (this.end + count <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.bytes.length, this.end + count));
    grown.set(this.bytes.subarray(0, this.end));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}

/** One of the two. */
export class Side {
  readonly id: number;
  readonly storage: RowStorage;
  readonly ends = new Map<LinkId, PipeEnd>();
  member: Member | null = null;
  alarmMs = Infinity;
  /** Computed so far, in ms. */
  busyMs = 0;

  constructor(id: number, rows: FilledRows) {
    this.id = id;
    this.storage = new RowStorage(rows);
  }

  spend<T>(work: () => T): T {
    const began = process.cpuUsage();
    try {
      return work();
    } finally {
      // Not by the clock on the wall: others may have the core meanwhile.
      const { user, system } = process.cpuUsage(began);
      this.busyMs += (user + system) / 1_000;
    }
  }

  exchanges(): ExchangeStatus {
    const [found] = this.member?.status().upkeep.exchanges ?? [];
    if (found === undefined) throw new Error("a member of a pair has one peer");
    return found;
  }
}

export class MemberPair {
  readonly sides: readonly [Side, Side];
  readonly #topology = pairTopology();
  #nowMs = 1_000;
  #links = 0;
  #isConnected = true;
  /** Both ways, since the beginning. */
  wireBytes = 0;

  /** Both hold these rows and know nothing of their sums yet. */
  constructor(rows: FilledRows) {
    this.sides = [new Side(1, rows), new Side(2, rows)];
    for (const side of this.sides) this.#boot(side);
    this.settle();
  }

  get partitions(): number {
    return this.#topology.preferenceLists.length;
  }

  /** Of both, slots whose sums are being found out. */
  get slotsUnknown(): number {
    return this.sides.reduce((sum, { member }) => sum + (member?.status().upkeep.slotsUnknown ?? 0), 0);
  }

  /** Of both, keys that are in the sums. */
  get keysKnown(): number {
    const all = this.sides.flatMap(({ member }) => member?.partitions(0, this.partitions) ?? []);
    return all.reduce((sum, { keys }) => sum + keys, 0);
  }

  /** Time passes, and all that follows from it happens. */
  tick(): void {
    this.#nowMs += TICK_MS;
    for (const side of this.sides) {
      if (side.alarmMs > this.#nowMs) continue;
      side.alarmMs = Infinity;
      side.spend(() => side.member?.onAlarm());
    }
    this.settle();
  }

  /** Everything is answered and delivered, and no time passes. */
  settle(): void {
    for (let isBusy = true; isBusy;) {
      isBusy = false;
      for (const side of this.sides) {
        isBusy = side.spend(() => side.storage.pump()) || isBusy;
        side.spend(() => side.member?.onTurnEnd());
        for (const end of Array.from(side.ends.values())) isBusy = this.#deliver(end) || isBusy;
      }
    }
  }

  /** From now on the two do not reach each other. */
  cut(): void {
    this.#isConnected = false;
    for (const side of this.sides) for (const link of Array.from(side.ends.keys())) this.#close(side, link);
    this.settle();
  }

  connect(): void {
    this.#isConnected = true;
  }

  /** Writes at the first member alone, and waits. Throws unless all are acknowledged. */
  write(keys: readonly Bytes[], value: Bytes): void {
    const [side] = this.sides;
    let done = 0;
    for (const key of keys) {
      const request: PutRequest = { ...WRITE, key, value };
      const user = {
        onPut: (_tag: number, { code }: { code: string }) => void (done += Number(code === "OK")),
      };
      side.spend(() => side.member?.put(request, user, 0));
    }
    for (let ticks = 0; done < keys.length; ticks++) {
      if (ticks === WRITE_TICKS_MAX) throw new Error(`${done} of ${keys.length} writes were acknowledged`);
      this.tick();
    }
  }

  #boot(side: Side): void {
    const { id, storage } = side;
    const parts = {
      self: id,
      topology: this.#topology,
      // Hints would mend what is to be found.
      limits: { ...DEFAULT_LIMITS, hintsMax: 0, scrubPassMs: 0 },
      clock: { wallMs: () => START_MS + this.#nowMs, monoMs: () => this.#nowMs },
      alarm: { wakeAt: (monoMs: number) => (side.alarmMs = monoMs) },
      random: new Prng(id),
      storage,
      transport: {
        dial: (peer: number, lane: Lane) => this.#dial(side, peer, lane),
        writer: (link: LinkId) => side.ends.get(link) ?? null,
        close: (link: LinkId) => this.#close(side, link),
      },
      events: {
        event: () => undefined,
        fatal: (code: string, text: string) => {
          throw new Error(`${code}: ${text}`);
        },
      },
      freeDiskBytes: () => Infinity,
    };
    bootMember(parts, {
      onBooted: (member) => {
        side.member = member;
        member.start();
      },
    });
  }

  #deliver(end: PipeEnd): boolean {
    const { other } = end;
    if (end.end === 0 || other === null) return false;
    const chunk = end.bytes.slice(0, end.end);
    end.end = 0;
    this.wireBytes += chunk.length;
    other.side.spend(() => other.side.member?.onLinkBytes(other.link, chunk));
    return true;
  }

  #dial(near: Side, peer: number, lane: Lane): void {
    const far = this.sides.find(({ id }) => id === peer);
    if (far?.member === null || far === undefined || !this.#isConnected) {
      near.member?.onDialFailed(peer, lane, "cut");
      return;
    }
    const one = new PipeEnd(++this.#links, near);
    const other = new PipeEnd(++this.#links, far);
    one.other = other;
    other.other = one;
    near.ends.set(one.link, one);
    far.ends.set(other.link, other);
    near.member?.onLinkUp(one.link, peer, lane);
    far.member.onLinkUp(other.link, 0, null);
  }

  #close(side: Side, link: LinkId): void {
    const end = side.ends.get(link);
    for (const each of [end, end?.other]) {
      if (each === undefined || each === null || !each.side.ends.delete(each.link)) continue;
      each.side.member?.onLinkDown(each.link, "cut");
    }
  }
}

/** At one home, which is enough to be acknowledged here. */
const WRITE: PutRequest = {
  kind: "put",
  namespace: 1,
  key: new Uint8Array(0),
  value: new Uint8Array(0),
  context: null,
  onlyIfSeen: false,
  fallbacks: "deny",
  expiryMs: 0,
  w: 1,
  durability: "os",
  timeoutMs: 30_000,
  wantReceipt: false,
};

const WRITE_TICKS_MAX = 3_000;

function loopback(port: number): Address {
  return { host: "127.0.0.1", port };
}

function pairTopology(): Topology {
  const formed = formTopology({
    cluster: "bench",
    members: [1, 2].map((id) => ({
      id,
      name: `member-${id}`,
      host: `host-${id}`,
      zone: `zone-${id}`,
      region: "local",
      weight: 1,
      peer: loopback(7600 + id),
      resp: loopback(7400 + id),
      http: loopback(7500 + id),
    })),
    namespaces: [{ name: "default", policy: "siblings", n: 2 }],
    partitions: 256,
    fallbacksMax: 0,
  });
  if (!formed.ok) throw new Error(formed.problems.join("; "));
  return formed.topology;
}
