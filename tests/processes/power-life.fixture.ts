/** One life of a member that may lose power: put together as the server does it, but on files that forget. */
import { join } from "node:path";
import {
  type Address,
  type Bytes,
  DEFAULT_LIMITS,
  type Engine,
  type EngineUser,
  type Events,
  type FileHandle,
  type Files,
  type FileUser,
  ForgetfulFiles,
  type JournaledStorage,
  type Member,
  type MemberId,
  type MemberParts,
  type Prng,
  RECORD_RESOLVER,
  type RecoveryReport,
  type Topology,
  bootMember,
  openJournaledStorage,
} from "@kvorum/core";
import { systemClock } from "../../packages/server/src/environment/system-clock.ts";
import { SystemRandom } from "../../packages/server/src/environment/system-random.ts";
import { TimerAlarm } from "../../packages/server/src/environment/timer-alarm.ts";
import { type RocksEngine, openRocksEngine } from "../../packages/server/src/storage/rocks-engine.ts";
import { TcpTransport } from "../../packages/server/src/transport/tcp-transport.ts";
import { Turn } from "../../packages/server/src/transport/turn.ts";
import { until } from "./patience.fixture.ts";

/** Small, so that segments end and the engine flushes many times in a life. */
const JOURNAL_LIMITS = { segmentBytesMax: 32 * 1024, roundBytesMax: 64 * 1024, engineLagMax: 4 };
/** A disk that answers at once would hardly ever be caught between a write and its sync. */
const DISK_MS_MAX = 3;

export interface PowerSite {
  readonly topology: Topology;
  /** Filled in by whoever listens. */
  readonly addresses: Map<MemberId, Address>;
  readonly chance: Prng;
  /** Whether a datasync of the journal says that it is done, and does nothing. */
  readonly datasyncLies: boolean;
  /** What should not be: refusals to start, fatal events, failures in core. */
  readonly mishaps: string[];
}

/** What lasts over the lives of a member. */
export interface Remains {
  readonly dir: string;
  readonly disk: ReturnType<ForgetfulFiles["remains"]>;
}

export interface Life {
  readonly member: Member;
  readonly turn: Turn;
  readonly files: ForgetfulFiles;
  readonly report: RecoveryReport;
  /** From the call on nothing of it is heard any more; resolves when its engine is closed. */
  readonly end: () => Promise<void>;
}

/** Null: it refuses to start, which stands among the mishaps. */
export async function beginLife(id: MemberId, { dir, disk }: Remains, site: PowerSite): Promise<Life | null> {
  const power = new Power();
  const turn = new Turn((error) => site.mishaps.push(`member ${id} failed: ${String(error)}`));
  const rocks = await openRocksEngine({
    path: join(dir, "engine"),
    createIfMissing: true,
    onAnswered: () => turn.arm(),
  });
  if ("code" in rocks) {
    site.mishaps.push(`the engine of member ${id} refuses: ${rocks.code}: ${rocks.text}`);
    return null;
  }
  const engine = new FusedEngine(rocks, power);
  const files = new ForgetfulFiles((_operation, _bytes, deliver) => {
    const answer = (): void => {
      if (!power.isOn) return;
      deliver();
      turn.arm();
    };
    const ms = site.chance.u32() % (DISK_MS_MAX + 1);
    if (ms === 0) setImmediate(answer);
    else setTimeout(answer, ms);
  }, disk);
  const events = eventsOf(id, site, power);
  const opened = await openJournal(
    id,
    site,
    site.datasyncLies ? new LyingFiles(files) : files,
    engine,
    events,
  );
  if (typeof opened === "string") {
    site.mishaps.push(`member ${id} refuses to start: ${opened}`);
    power.isOn = false;
    await engine.close();
    return null;
  }
  const { storage, report } = opened;
  const { member, stop } = await assemble(id, site, power, turn, storage, events);
  const end = async (): Promise<void> => {
    power.isOn = false;
    await stop();
    await engine.close();
  };
  return { member, turn, files, report, end };
}

class Power {
  isOn = true;
}

function eventsOf(id: MemberId, { mishaps }: PowerSite, power: Power): Events {
  return {
    event: () => undefined,
    fatal: (code, text) => {
      if (power.isOn) mishaps.push(`member ${id}: ${code}: ${text}`);
    },
  };
}

interface OpenedJournal {
  readonly storage: JournaledStorage;
  readonly report: RecoveryReport;
}

function openJournal(
  id: MemberId,
  { topology }: PowerSite,
  files: Files,
  engine: Engine,
  events: Events,
): Promise<OpenedJournal | string> {
  const parts = {
    files,
    engine,
    events,
    resolver: RECORD_RESOLVER,
    cluster: topology.cluster,
    member: id,
    createdBy: "power cuts",
    place: "a disk that forgets",
    limits: JOURNAL_LIMITS,
  };
  return new Promise((resolve) => {
    openJournaledStorage(parts, {
      onStorageOpened: (storage, report) => resolve({ storage, report }),
      onStorageRefused: ({ code, text }) => resolve(`${code}: ${text}`),
    });
  });
}

async function assemble(
  id: MemberId,
  { topology, addresses }: PowerSite,
  power: Power,
  turn: Turn,
  storage: JournaledStorage,
  events: Events,
): Promise<{ member: Member; stop: () => Promise<void> }> {
  const transport = new TcpTransport({ turn, addresses, overrides: new Map() });
  let member: Member | null = null;
  const alarm = new TimerAlarm(systemClock, () => {
    member?.onAlarm();
    turn.arm();
  });
  turn.add(() => {
    if (!power.isOn) return;
    if (member === null) storage.onTurnEnd();
    else member.onTurnEnd();
    transport.flush();
  });
  const booted = await boot(turn, {
    self: id,
    topology,
    limits: DEFAULT_LIMITS,
    clock: systemClock,
    alarm,
    random: new SystemRandom(),
    storage,
    transport,
    events,
    freeDiskBytes: () => 2 ** 40,
  });
  member = booted;
  transport.attach(booted);
  addresses.set(id, await transport.listen({ host: "127.0.0.1", port: 0 }));
  booted.start();
  turn.arm();
  await until(`member ${id} serves`, () => booted.status().state === "serving");
  const stop = async (): Promise<void> => {
    alarm.stop();
    await transport.stop();
  };
  return { member: booted, stop };
}

function boot(turn: Turn, parts: Omit<MemberParts, "memory">): Promise<Member> {
  return new Promise((resolve) => {
    bootMember(parts, { onBooted: resolve });
    turn.arm();
  });
}

/** The engine, which nobody hears any more when the power is off. */
class FusedEngine implements Engine {
  readonly #engine: RocksEngine;
  readonly #power: Power;
  #underWay = 0;

  constructor(engine: RocksEngine, power: Power) {
    this.#engine = engine;
    this.#power = power;
  }

  write(keys: readonly Bytes[], values: readonly (Bytes | null)[], user: EngineUser, tag: number): void {
    if (this.#power.isOn) this.#engine.write(keys, values, this.#fused(user), tag);
  }

  getMany(keys: readonly Bytes[], user: EngineUser, tag: number): void {
    if (this.#power.isOn) this.#engine.getMany(keys, this.#fused(user), tag);
  }

  range(from: Bytes, to: Bytes, rowsMax: number, bytesMax: number, user: EngineUser, tag: number): void {
    if (this.#power.isOn) this.#engine.range(from, to, rowsMax, bytesMax, this.#fused(user), tag);
  }

  deleteRange(from: Bytes, to: Bytes, user: EngineUser, tag: number): void {
    if (this.#power.isOn) this.#engine.deleteRange(from, to, this.#fused(user), tag);
  }

  flush(user: EngineUser, tag: number): void {
    if (this.#power.isOn) this.#engine.flush(this.#fused(user), tag);
  }

  /** The engine has threads of its own, and lets go of its files only when these have ended. */
  async close(): Promise<void> {
    await until("the engine rests", () => this.#underWay === 0);
    await this.#engine.close();
  }

  #fused(user: EngineUser): EngineUser {
    this.#underWay++;
    return {
      onEngine: (tag, error) => {
        this.#underWay--;
        if (this.#power.isOn) user.onEngine(tag, error);
      },
      onRows: (tag, error, keys, values, more) => {
        this.#underWay--;
        if (this.#power.isOn) user.onRows(tag, error, keys, values, more);
      },
    };
  }
}

/** A disk with a write cache that nobody told of the power: datasync of the journal answers and does nothing. */
class LyingFiles implements Files {
  readonly #files: Files;
  readonly #journal = new Set<FileHandle>();

  constructor(files: Files) {
    this.#files = files;
  }

  open(name: string, mode: "create" | "append" | "read", user: FileUser, tag: number): void {
    const watched: FileUser = {
      onNames: () => undefined,
      onFile: (_tag, error, file) => {
        if (error === null && name.startsWith("journal-")) this.#journal.add(file);
        user.onFile(tag, error, file);
      },
    };
    this.#files.open(name, mode, watched, tag);
  }

  datasync(file: FileHandle, user: FileUser, tag: number): void {
    // `size` answers after as long as the truth would take.
    if (!this.#journal.has(file)) this.#files.datasync(file, user, tag);
    else this.#files.size(file, { onNames: () => undefined, onFile: () => user.onFile(tag, null, 0) }, tag);
  }

  write(file: FileHandle, bytes: Bytes, length: number, user: FileUser, tag: number): void {
    this.#files.write(file, bytes, length, user, tag);
  }

  read(file: FileHandle, at: number, into: Bytes, user: FileUser, tag: number): void {
    this.#files.read(file, at, into, user, tag);
  }

  size(file: FileHandle, user: FileUser, tag: number): void {
    this.#files.size(file, user, tag);
  }

  close(file: FileHandle, user: FileUser, tag: number): void {
    this.#journal.delete(file);
    this.#files.close(file, user, tag);
  }

  rename(from: string, to: string, user: FileUser, tag: number): void {
    this.#files.rename(from, to, user, tag);
  }

  unlink(name: string, user: FileUser, tag: number): void {
    this.#files.unlink(name, user, tag);
  }

  list(user: FileUser, tag: number): void {
    this.#files.list(user, tag);
  }

  syncDirectory(user: FileUser, tag: number): void {
    this.#files.syncDirectory(user, tag);
  }
}
