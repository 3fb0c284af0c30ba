/** Brings one home of a key, perhaps this member, to what a read has found: merged there, durably, and acknowledged. */
import type { Bytes } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { MemberId } from "../model/member.ts";
import type { Lane } from "../ports/transport.ts";
import { LocalMerge } from "../replica/local-merge.ts";
import { contextMaxClock } from "../version/causal-context.ts";
import { contextOf } from "../version/record.ts";
import { encodeReplicate } from "../wire/encode.ts";
import { type CoordinatorParts, CoordinatorOperation } from "./coordination.ts";

export interface HomeRepairUser {
  /** Called once, possibly inside `start`. `OK`: the home holds the record, or what has seen it, on disk. */
  onHomeRepaired(home: MemberId, record: Bytes, code: OutcomeCode): void;
}

export class HomeRepair extends CoordinatorOperation {
  readonly #home: MemberId;
  readonly #key: Bytes;
  readonly #record: Bytes;
  readonly #user: HomeRepairUser;

  /** Key and record are kept. */
  constructor(parts: CoordinatorParts, home: MemberId, key: Bytes, record: Bytes, user: HomeRepairUser) {
    super(parts);
    this.#home = home;
    this.#key = key;
    this.#record = record;
    this.#user = user;
  }

  start(lane: Lane, timeoutMs: number): void {
    const { parts } = this;
    this.register();
    parts.timers.after(this, timeoutMs);
    if (this.#home === parts.self) {
      if (!parts.clock.observe(contextMaxClock(contextOf(this.#record)))) this.#end("CLOCK");
      else new LocalMerge(parts, this.#key, this.#record, "fsync", (code) => this.#end(code)).start();
      return;
    }
    const writer = parts.peers.writer(this.#home, lane);
    if (writer === null) this.#end("QUORUM");
    else
      encodeReplicate(writer, this.id, this.deadlineClock(timeoutMs), true, false, this.#key, this.#record);
  }

  override onReplicated(peer: MemberId, code: OutcomeCode, fsynced: boolean): void {
    if (peer === this.#home) this.#end(code === "OK" && !fsynced ? "UNKNOWN" : code);
  }

  override onPeerDown(peer: MemberId): void {
    if (peer === this.#home) this.#end("QUORUM");
  }

  /** It may have been under way there. */
  override onBulkDown(peer: MemberId): void {
    this.onPeerDown(peer);
  }

  override onTimer(): void {
    this.#end("TIMEOUT");
  }

  #end(code: OutcomeCode): void {
    if (this.id === 0) return;
    this.unregister();
    this.parts.timers.cancel(this);
    this.#user.onHomeRepaired(this.#home, this.#record, code);
  }
}
