/** One process's end of a connection: its link number, the buffer it writes to, and what it is told. */
import type { Bytes, Lane, LinkId, LinkWriter, MemberId } from "@kvorum/core";
import type { EventLog } from "./event-log.ts";
import type { Host } from "./host.ts";
import type { Scheduler, Target } from "./scheduler.ts";

const UP = 1;
const DOWN = 2;

/** Buffers start small, so that growing is exercised. */
const FIRST_BUFFER_BYTES = 256;

class SimWriter implements LinkWriter {
  bytes: Bytes = new Uint8Array(FIRST_BUFFER_BYTES);
  view: DataView = new DataView(this.bytes.buffer);
  end = 0;

  ensure(count: number): void {
    if (this.end + count <= this.bytes.length) return;
    const wider = new Uint8Array(Math.max(this.bytes.length * 2, this.end + count));
    wider.set(this.bytes.subarray(0, this.end));
    this.bytes = wider;
    this.view = new DataView(wider.buffer);
  }

  /** What was written, as a copy; the writer is empty again. */
  take(): Bytes {
    const taken = this.bytes.slice(0, this.end);
    this.end = 0;
    return taken;
  }
}

export class LinkEnd implements Target {
  readonly host: Host;
  readonly link: LinkId;
  readonly writer = new SimWriter();
  /** The member that was dialled; 0 at the accepting end, which must be told. */
  readonly #dialled: MemberId;
  readonly #lane: Lane | null;
  readonly #scheduler: Scheduler;
  readonly #log: EventLog;
  #isOpen = true;
  #downReason = "";

  constructor(
    host: Host,
    link: LinkId,
    dialled: MemberId,
    lane: Lane | null,
    scheduler: Scheduler,
    log: EventLog,
  ) {
    this.host = host;
    this.link = link;
    this.#dialled = dialled;
    this.#lane = lane;
    this.#scheduler = scheduler;
    this.#log = log;
  }

  /** False from the moment the operating system or the process has given the connection up. */
  get isOpen(): boolean {
    return this.#isOpen && this.host.isAlive;
  }

  announce(atUs: number): void {
    this.#scheduler.at(atUs, this, UP);
  }

  /** The connection is over for this end; the process learns it as its next input or soon after. */
  shut(reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#downReason = reason;
    // One microsecond later, so that it cannot overtake an announcement of the same instant.
    this.#scheduler.after(1, this, DOWN);
  }

  deliver(chunk: Bytes): void {
    const { member, links } = this.host;
    this.#log.noteBytes(this.#scheduler.nowUs, member, "bytes", this.link, chunk);
    links.onLinkBytes(this.link, chunk);
    // Chunks are lent until return: whoever keeps a view of one reads rubbish from now on.
    chunk.fill(0xdb);
  }

  onDue(tag: number): void {
    if (!this.host.admits(this, tag)) return;
    const { member, links } = this.host;
    const nowUs = this.#scheduler.nowUs;
    if (tag === UP) {
      this.#log.note(nowUs, member, "link-up", this.link);
      if (this.#log.tracing) {
        const other = this.#dialled === 0 ? "accepted" : `to ${this.#dialled} ${this.#lane ?? ""}`;
        this.#log.trace(nowUs, member, "link-up", `link ${this.link} ${other}`);
      }
      links.onLinkUp(this.link, this.#dialled, this.#lane);
    } else {
      this.#log.note(nowUs, member, "link-down", this.link);
      if (this.#log.tracing) {
        this.#log.trace(nowUs, member, "link-down", `link ${this.link} ${this.#downReason}`);
      }
      links.onLinkDown(this.link, this.#downReason);
    }
  }
}
