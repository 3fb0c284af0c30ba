/** Puts core together for a simulated process, as a server does for a real one: storage, what it remembers, the member. */
import type * as core from "@kvorum/core";
import type { JournaledStorage, Member, MemberId, StorageRefusal, Topology } from "@kvorum/core";
import type { WorldOptions } from "./options.ts";
import type { Compose, CoreProcess, ProcessPorts } from "./sim-member.ts";
import { topologyOf } from "./topology.ts";

/** The code that runs in simulated processes: core, or a copy of it with a planted bug. */
export type CoreCode = typeof core;

export function composeWith(code: CoreCode, options: WorldOptions): Compose {
  const topology = topologyOf(code, options);
  return (member, ports, onReady) => new ComposedProcess(code, options, topology, member, ports, onReady);
}

class ComposedProcess implements CoreProcess {
  readonly #code: CoreCode;
  readonly #options: WorldOptions;
  readonly #topology: Topology;
  readonly #id: MemberId;
  readonly #ports: ProcessPorts;
  readonly #onReady: () => void;
  #storage: JournaledStorage | null = null;
  #member: Member | null = null;

  constructor(
    code: CoreCode,
    options: WorldOptions,
    topology: Topology,
    id: MemberId,
    ports: ProcessPorts,
    onReady: () => void,
  ) {
    this.#code = code;
    this.#options = options;
    this.#topology = topology;
    this.#id = id;
    this.#ports = ports;
    this.#onReady = onReady;
    const { files, engine, events } = ports;
    code.openJournaledStorage(
      {
        files,
        engine,
        events,
        resolver: code.RECORD_RESOLVER,
        cluster: topology.cluster,
        member: id,
        createdBy: "simulator",
        place: `member-${id}`,
        limits: { ...code.DEFAULT_JOURNAL_LIMITS, segmentBytesMax: options.segmentBytes },
      },
      this,
    );
  }

  get member(): Member | null {
    return this.#member;
  }

  onStorageOpened(
    storage: JournaledStorage,
    report: { readonly entries: number; readonly cutBytes: number },
  ): void {
    this.#storage = storage;
    if (report.entries > 0) this.#ports.events.event("info", "tail-merged", "entries were replayed", {});
    if (report.cutBytes > 0) this.#ports.events.event("info", "tail-cut", "the tail was cut short", {});
    const { clock, alarm, random, transport, events, freeDiskBytes } = this.#ports;
    const parts = {
      self: this.#id,
      topology: this.#topology,
      limits: this.#options.limits,
      clock,
      alarm,
      random,
      storage,
      transport,
      events,
      freeDiskBytes,
    };
    this.#code.bootMember(parts, this);
    storage.onTurnEnd();
  }

  onStorageRefused({ code, text }: StorageRefusal): void {
    this.#ports.events.fatal(code, text);
  }

  onBooted(member: Member): void {
    this.#member = member;
    this.#onReady();
    member.start();
  }

  onAlarm(): void {
    this.#member?.onAlarm();
  }

  onTurnEnd(): void {
    if (this.#member !== null) this.#member.onTurnEnd();
    else this.#storage?.onTurnEnd();
  }
}
