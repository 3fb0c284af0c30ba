/**
 * The hot path and nothing else: every member is a home of every key; a write goes to the own journal and to both
 * peers and is acknowledged by two of three; a read takes the own value and the length of one peer's. No versions, no
 * ring, no deadlines, no faults: how fast a server of this kind could be on this machine in this language.
 */
import { putRead, putReadReply, putReplicate, putReplicated, type FrameHandler } from "./frame.ts";
import type { Reply } from "./client.ts";
import type { Journal, JournalUser } from "./journal.ts";
import type { Outbox } from "./outbox.ts";
import type { Values, ValueUser } from "./values.ts";

const WRITE_ACKS = 2;
const REPLICAS = 3;

const OK = Buffer.from("+OK\r\n");
const PONG = Buffer.from("+PONG\r\n");
const ABSENT = Buffer.from("$-1\r\n");
const UNKNOWN = Buffer.from("-ERR the skeleton knows GET, SET and PING\r\n");

type Kind = "put" | "replica" | "get" | "read";

/** Something that waits for the disk or a peer; pooled. Its place in the table is its id. */
class Operation {
  kind: Kind = "put";
  reply: Reply | null = null;
  key: Buffer = OK;
  /** What is written. */
  written: Buffer | null = null;
  /** What was found. */
  found: Uint8Array | null = null;
  done = 0;
  peer = 0;
  /** The id at the peer. */
  peerId = 0;
}

export interface MemberParts {
  readonly journal: Journal;
  readonly values: Values;
  /** By the peer's number. */
  readonly peers: ReadonlyMap<number, Outbox>;
}

export class SkeletonMember implements FrameHandler, JournalUser, ValueUser {
  readonly #journal: Journal;
  readonly #values: Values;
  readonly #peers: readonly (readonly [number, Outbox])[];
  readonly #table: Operation[] = [];
  readonly #free: number[] = [];
  readonly #bulkHeads = new Map<number, Buffer>();
  #turn = 0;

  constructor(parts: MemberParts) {
    this.#journal = parts.journal;
    this.#values = parts.values;
    this.#peers = [...parts.peers];
  }

  onCommand(args: readonly Buffer[], reply: Reply): void {
    const [name, key, value] = args;
    // The first letters tell the three commands apart.
    const letter = (name?.[0] ?? 0) | 0x20;
    if (letter === 0x73 && key !== undefined && value !== undefined)
      this.#put(key, value, args.length < 4, reply);
    else if (letter === 0x67 && key !== undefined) this.#get(key, reply);
    else reply.answer(letter === 0x70 ? PONG : UNKNOWN, null);
  }

  onReplicate(peer: number, peerId: number, fsync: boolean, key: Buffer, value: Buffer): void {
    const id = this.#begin("replica", null, key);
    const operation = this.#operation(id);
    operation.written = value;
    operation.peer = peer;
    operation.peerId = peerId;
    this.#journal.append(key, value, fsync, this, id);
  }

  onReplicated(id: number): void {
    this.#acked(id);
  }

  onRead(peer: number, peerId: number, key: Buffer): void {
    const id = this.#begin("read", null, key);
    const operation = this.#operation(id);
    operation.peer = peer;
    operation.peerId = peerId;
    this.#values.get(key, this, id);
  }

  onReadReply(id: number): void {
    const operation = this.#operation(id);
    operation.done++;
    this.#answerRead(id, operation);
  }

  onStored(id: number): void {
    const operation = this.#operation(id);
    if (operation.written !== null) this.#values.put(operation.key, operation.written);
    if (operation.kind === "put") {
      this.#acked(id);
      return;
    }
    const out = this.#outTo(operation.peer);
    putReplicated(out, operation.peerId);
    this.#end(id, operation);
  }

  onValue(id: number, value: Uint8Array | null): void {
    const operation = this.#operation(id);
    if (operation.kind === "read") {
      putReadReply(this.#outTo(operation.peer), operation.peerId, value === null ? -1 : value.length);
      this.#end(id, operation);
      return;
    }
    operation.found = value;
    operation.done++;
    this.#answerRead(id, operation);
  }

  #put(key: Buffer, value: Buffer, fsync: boolean, reply: Reply): void {
    const id = this.#begin("put", reply, key);
    this.#operation(id).written = value;
    for (const [, out] of this.#peers) putReplicate(out, id, fsync, key, value);
    this.#journal.append(key, value, fsync, this, id);
  }

  #get(key: Buffer, reply: Reply): void {
    const id = this.#begin("get", reply, key);
    const [, out] = this.#peers[this.#turn++ % this.#peers.length] ?? [];
    if (out !== undefined) putRead(out, id, key);
    this.#values.get(key, this, id);
  }

  #acked(id: number): void {
    const operation = this.#operation(id);
    operation.done++;
    if (operation.done === WRITE_ACKS) operation.reply?.answer(OK, null);
    if (operation.done === REPLICAS) this.#end(id, operation);
  }

  /** Two copies have been looked at. Where they differ a store would have to do something; the skeleton does not. */
  #answerRead(id: number, operation: Operation): void {
    if (operation.done < 2) return;
    const { found, reply } = operation;
    if (found === null) reply?.answer(ABSENT, null);
    else reply?.answer(this.#bulkHead(found.length), found);
    this.#end(id, operation);
  }

  #bulkHead(length: number): Buffer {
    const known = this.#bulkHeads.get(length);
    if (known !== undefined) return known;
    const made = Buffer.from(`$${length}\r\n`);
    this.#bulkHeads.set(length, made);
    return made;
  }

  #outTo(peer: number): Outbox {
    for (const [id, out] of this.#peers) if (id === peer) return out;
    throw new Error(`there is no peer ${peer}`);
  }

  #begin(kind: Kind, reply: Reply | null, key: Buffer): number {
    const id = this.#free.pop() ?? this.#table.push(new Operation()) - 1;
    const operation = this.#operation(id);
    operation.kind = kind;
    operation.reply = reply;
    operation.key = key;
    operation.done = 0;
    return id;
  }

  #operation(id: number): Operation {
    const operation = this.#table[id];
    if (operation === undefined) throw new Error(`there is no operation ${id}`);
    return operation;
  }

  #end(id: number, operation: Operation): void {
    operation.reply = null;
    operation.written = null;
    operation.found = null;
    this.#free.push(id);
  }
}
