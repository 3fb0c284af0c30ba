/** For tests of the wire: a writer that nobody flushes, and messages as plain data (bytes as hex). */
import { hex } from "../base/utf8.ts";
import { OUTCOMES, type OutcomeCode } from "../base/outcome.ts";
import { utf8Decode, utf8Encode } from "../base/utf8.ts";
import type { Proposal } from "../paxos/acceptor.ts";
import type { Ballot } from "../paxos/ballot.ts";
import type { LinkWriter } from "../ports/transport.ts";
import { unhex } from "./hex.fixture.ts";
import { encodeHello, encodePing, encodePong, encodeRefuse, encodeTopology } from "./encode-link.ts";
import { encodeHint } from "./encode-hints.ts";
import { encodeTree, encodeTreeReply } from "./encode-trees.ts";
import { encodeConflicts, encodeConflictsPage } from "./encode-conflicts.ts";
import {
  encodeCount,
  encodeCounted,
  encodeRead,
  encodeReadReply,
  encodeReplicate,
  encodeReplicated,
  encodeScan,
  encodeScanned,
  encodeWrite,
  encodeWritten,
} from "./encode.ts";
import { encodePlainPaxos, plainReply, plainRequest, type PlainPaxosMessage } from "./paxos-wire.fixture.ts";
import {
  type ConditionalOutcome,
  type ConflictCursor,
  type ConflictQuery,
  type ConflictRow,
  type ForwardedConditional,
  type ForwardedWrite,
  type Hello,
  type LinkHandler,
  type MessageHandler,
  type PreparedReply,
  type RemoteReceipt,
  WRITE_DELETE,
  WRITE_FALLBACKS,
  WRITE_FSYNC,
  WRITE_ONLY_IF_SEEN,
  WRITE_WANT_RECEIPT,
} from "./messages.ts";

/** Grows by exactly what is asked for, so that a message which asks for too little is found out. */
export class TestWriter implements LinkWriter {
  bytes = new Uint8Array(0);
  view = new DataView(this.bytes.buffer);
  end = 0;

  ensure(count: number): void {
    if (this.end + count <= this.bytes.length) return;
    const grown = new Uint8Array(this.end + count);
    grown.set(this.bytes.subarray(0, this.end));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  written(): Uint8Array {
    return this.bytes.slice(0, this.end);
  }
}

type WithHex<T, Field extends keyof T> = Omit<T, Field> & Record<Field, string>;
interface Reply {
  id: number;
  code: OutcomeCode;
}
interface Request {
  id: number;
  deadline: number;
}

export type PlainMessage =
  | { name: "hello"; fields: WithHex<Hello, "digest"> }
  | { name: "topology"; fields: { text: string } }
  | { name: "refuse"; fields: { code: string; text: string } }
  | { name: "ping" | "pong"; fields: { echo: number; minted: number } }
  | {
      name: "replicate";
      fields: Request & { fsync: boolean; overwrite: boolean; storageKey: string; record: string };
    }
  | {
      name: "hint";
      fields: Request & {
        fsync: boolean;
        overwrite: boolean;
        target: number;
        storageKey: string;
        record: string;
      };
    }
  | { name: "replicated"; fields: Reply & { fsynced: boolean; existed: boolean; uncovered: string } }
  | { name: "read"; fields: Request & { headOnly: boolean; latest: boolean; storageKey: string } }
  | { name: "readReply"; fields: Reply & { headOnly: boolean; bytes: string } }
  | { name: "write"; fields: Request & { write: WithHex<ForwardedWrite, "key" | "value"> } }
  | {
      name: "written";
      fields: Reply & { existed: boolean; text: string; receipt: WithHex<RemoteReceipt, "token"> | null };
    }
  | { name: "count"; fields: Request & { namespace: number; partitions: readonly number[] } }
  | { name: "counted"; fields: Reply & { keys: number } }
  | {
      name: "scan";
      fields: Request & { namespace: number; rows: number; slotEnd: number; from: string };
    }
  | { name: "scanned"; fields: Reply & { next: string; rows: string } }
  | { name: "tree"; fields: Request & { level: number; ids: readonly number[]; from: string } }
  | PlainPaxosMessage
  | { name: "treeReply"; fields: Reply & { next: string; bytes: string } }
  | {
      name: "conflicts";
      fields: Request & { query: Omit<ConflictQuery, "key"> & { key: string | null } };
    }
  | {
      name: "conflictsPage";
      fields: Reply & { rows: readonly WithHex<ConflictRow, "row">[]; through: ConflictCursor | null };
    };

export function encodePlain(writer: LinkWriter, message: PlainMessage): void {
  switch (message.name) {
    case "hello":
      return encodeHello(writer, { ...message.fields, digest: unhex(message.fields.digest) });
    case "topology":
      return encodeTopology(writer, utf8Encode(message.fields.text));
    case "refuse":
      return encodeRefuse(writer, message.fields.code, message.fields.text);
    case "ping":
      return encodePing(writer, message.fields.echo, message.fields.minted);
    case "pong":
      return encodePong(writer, message.fields.echo, message.fields.minted);
    case "count": {
      const { id, deadline, namespace, partitions } = message.fields;
      return encodeCount(writer, id, deadline, namespace, partitions);
    }
    case "hint": {
      const { id, deadline, fsync, overwrite, target, storageKey, record } = message.fields;
      const bytes = [unhex(storageKey), unhex(record)] as const;
      return encodeHint(writer, id, deadline, fsync, overwrite, target, ...bytes);
    }
    case "tree": {
      const { id, deadline, level, ids, from } = message.fields;
      return encodeTree(writer, id, deadline, level, ids, unhex(from));
    }
    case "treeReply": {
      const { id, code, next, bytes } = message.fields;
      return encodeTreeReply(writer, id, OUTCOMES[code].wire, unhex(next), unhex(bytes));
    }
    case "conflicts": {
      const { id, deadline, query } = message.fields;
      const key = query.key === null ? null : unhex(query.key);
      return encodeConflicts(writer, id, deadline, { ...query, key });
    }
    case "conflictsPage": {
      const { id, code, rows, through } = message.fields;
      const own = rows.map(({ number, row }) => ({ number, row: unhex(row) }));
      return encodeConflictsPage(writer, id, OUTCOMES[code].wire, own, through);
    }
    case "counted":
      return encodeCounted(
        writer,
        message.fields.id,
        OUTCOMES[message.fields.code].wire,
        message.fields.keys,
      );
    case "prepare":
    case "prepared":
    case "accept":
    case "accepted":
    case "conditional":
    case "conditionalDone":
      return encodePlainPaxos(writer, message);
    default:
      return encodePlainData(writer, message);
  }
}

type DataName = "replicate" | "replicated" | "read" | "readReply" | "write" | "written" | "scan" | "scanned";

function encodePlainData(writer: LinkWriter, message: Extract<PlainMessage, { name: DataName }>): void {
  switch (message.name) {
    case "replicate": {
      const { id, deadline, fsync, overwrite, storageKey, record } = message.fields;
      return encodeReplicate(writer, id, deadline, fsync, overwrite, unhex(storageKey), unhex(record));
    }
    case "replicated": {
      const { id, code, fsynced, existed, uncovered } = message.fields;
      return encodeReplicated(writer, id, OUTCOMES[code].wire, fsynced, existed, unhex(uncovered));
    }
    case "read": {
      const { id, deadline, headOnly, latest, storageKey } = message.fields;
      return encodeRead(writer, id, deadline, headOnly, unhex(storageKey), latest);
    }
    case "readReply": {
      const { id, code, headOnly, bytes } = message.fields;
      return encodeReadReply(writer, id, OUTCOMES[code].wire, headOnly, unhex(bytes));
    }
    case "write": {
      const { id, deadline, write } = message.fields;
      const forwarded = { ...write, key: unhex(write.key), value: unhex(write.value) };
      return encodeWrite(writer, id, deadline, forwarded);
    }
    case "written": {
      const { id, code, existed, text, receipt } = message.fields;
      const remote = receipt === null ? null : { ...receipt, token: unhex(receipt.token) };
      return encodeWritten(writer, id, OUTCOMES[code].wire, existed, text, remote);
    }
    case "scan": {
      const { id, deadline, namespace, rows, slotEnd, from } = message.fields;
      return encodeScan(writer, id, deadline, namespace, rows, slotEnd, unhex(from));
    }
    case "scanned": {
      const { id, code, next, rows } = message.fields;
      return encodeScanned(writer, id, OUTCOMES[code].wire, unhex(next), unhex(rows));
    }
  }
}

/** Writes down what is decoded. */
export class Recorder implements MessageHandler, LinkHandler {
  readonly messages: PlainMessage[] = [];
  readonly peers: number[] = [];
  peer = 9;
  up = true;
  open = true;

  onHello(hello: Hello): void {
    this.messages.push({ name: "hello", fields: { ...hello, digest: hex(hello.digest) } });
  }

  onTopology(text: Uint8Array): void {
    this.messages.push({ name: "topology", fields: { text: utf8Decode(text) } });
  }

  onRefuse(code: string, text: string): void {
    this.messages.push({ name: "refuse", fields: { code, text } });
  }

  onPing(echo: number, minted: number): void {
    this.messages.push({ name: "ping", fields: { echo, minted } });
  }

  onPong(echo: number, minted: number): void {
    this.messages.push({ name: "pong", fields: { echo, minted } });
  }

  onReplicate(
    peer: number,
    id: number,
    deadline: number,
    fsync: boolean,
    overwrite: boolean,
    storageKey: Uint8Array,
    record: Uint8Array,
  ): void {
    const fields = { id, deadline, fsync, overwrite, storageKey: hex(storageKey), record: hex(record) };
    this.#push(peer, { name: "replicate", fields });
  }

  onHint(
    peer: number,
    id: number,
    deadline: number,
    fsync: boolean,
    overwrite: boolean,
    target: number,
    storageKey: Uint8Array,
    record: Uint8Array,
  ): void {
    const bytes = { storageKey: hex(storageKey), record: hex(record) };
    this.#push(peer, { name: "hint", fields: { id, deadline, fsync, overwrite, target, ...bytes } });
  }

  onReplicated(
    peer: number,
    id: number,
    code: OutcomeCode,
    fsynced: boolean,
    existed: boolean,
    uncovered: Uint8Array,
  ): void {
    const fields = { id, code, fsynced, existed, uncovered: hex(uncovered) };
    this.#push(peer, { name: "replicated", fields });
  }

  onRead(
    peer: number,
    id: number,
    deadline: number,
    headOnly: boolean,
    latest: boolean,
    storageKey: Uint8Array,
  ): void {
    this.#push(peer, {
      name: "read",
      fields: { id, deadline, headOnly, latest, storageKey: hex(storageKey) },
    });
  }

  onReadReply(peer: number, id: number, code: OutcomeCode, headOnly: boolean, bytes: Uint8Array): void {
    this.#push(peer, { name: "readReply", fields: { id, code, headOnly, bytes: hex(bytes) } });
  }

  onWrite(
    peer: number,
    id: number,
    deadline: number,
    flags: number,
    namespace: number,
    w: number,
    expiryMs: number,
    key: Uint8Array,
    value: Uint8Array,
    token: string | null,
  ): void {
    const write = {
      kind: (flags & WRITE_DELETE) === 0 ? ("put" as const) : ("delete" as const),
      namespace,
      key: hex(key),
      value: hex(value),
      context: token,
      onlyIfSeen: (flags & WRITE_ONLY_IF_SEEN) !== 0,
      expiryMs,
      w,
      durability: (flags & WRITE_FSYNC) === 0 ? ("os" as const) : ("fsync" as const),
      fallbacks: (flags & WRITE_FALLBACKS) === 0 ? ("deny" as const) : ("allow" as const),
      wantReceipt: (flags & WRITE_WANT_RECEIPT) !== 0,
    };
    this.#push(peer, { name: "write", fields: { id, deadline, write } });
  }

  onWritten(
    peer: number,
    id: number,
    code: OutcomeCode,
    existed: boolean,
    text: string,
    receipt: RemoteReceipt | null,
  ): void {
    const plain = receipt === null ? null : { ...receipt, token: hex(receipt.token) };
    this.#push(peer, { name: "written", fields: { id, code, existed, text, receipt: plain } });
  }

  onCount(
    peer: number,
    id: number,
    deadline: number,
    namespace: number,
    partitions: readonly number[],
  ): void {
    this.#push(peer, { name: "count", fields: { id, deadline, namespace, partitions } });
  }

  onCounted(peer: number, id: number, code: OutcomeCode, keys: number): void {
    this.#push(peer, { name: "counted", fields: { id, code, keys } });
  }

  onScan(
    peer: number,
    id: number,
    deadline: number,
    namespace: number,
    rows: number,
    slotEnd: number,
    from: Uint8Array,
  ): void {
    const fields = { id, deadline, namespace, rows, slotEnd, from: hex(from) };
    this.#push(peer, { name: "scan", fields });
  }

  onScanned(peer: number, id: number, code: OutcomeCode, next: Uint8Array, rows: Uint8Array): void {
    this.#push(peer, { name: "scanned", fields: { id, code, next: hex(next), rows: hex(rows) } });
  }

  onTree(
    peer: number,
    id: number,
    deadline: number,
    level: number,
    ids: readonly number[],
    from: Uint8Array,
  ): void {
    this.#push(peer, { name: "tree", fields: { id, deadline, level, ids, from: hex(from) } });
  }

  onTreeReply(peer: number, id: number, code: OutcomeCode, next: Uint8Array, bytes: Uint8Array): void {
    this.#push(peer, { name: "treeReply", fields: { id, code, next: hex(next), bytes: hex(bytes) } });
  }

  onConflicts(peer: number, id: number, deadline: number, query: ConflictQuery): void {
    const key = query.key === null ? null : hex(query.key);
    this.#push(peer, { name: "conflicts", fields: { id, deadline, query: { ...query, key } } });
  }

  onConflictsPage(
    peer: number,
    id: number,
    code: OutcomeCode,
    rows: readonly ConflictRow[],
    through: ConflictCursor | null,
  ): void {
    const plain = rows.map(({ number, row }) => ({ number, row: hex(row) }));
    this.#push(peer, { name: "conflictsPage", fields: { id, code, rows: plain, through } });
  }

  onPrepare(
    peer: number,
    id: number,
    deadline: number,
    ballot: Ballot,
    storageKey: Uint8Array,
    head: Uint8Array,
  ): void {
    const fields = { id, deadline, ballot, storageKey: hex(storageKey), head: hex(head) };
    this.#push(peer, { name: "prepare", fields });
  }

  onPrepared(peer: number, id: number, code: OutcomeCode, reply: PreparedReply): void {
    this.#push(peer, { name: "prepared", fields: { id, code, reply: plainReply(reply) } });
  }

  onAccept(
    peer: number,
    id: number,
    deadline: number,
    flags: number,
    storageKey: Uint8Array,
    proposal: Proposal,
  ): void {
    const plain = { ...proposal, record: hex(proposal.record) };
    const fields = { id, deadline, flags, storageKey: hex(storageKey), proposal: plain };
    this.#push(peer, { name: "accept", fields });
  }

  onAccepted(peer: number, id: number, code: OutcomeCode, promised: Ballot): void {
    this.#push(peer, { name: "accepted", fields: { id, code, promised } });
  }

  onConditional(peer: number, id: number, deadline: number, request: ForwardedConditional): void {
    this.#push(peer, { name: "conditional", fields: { id, deadline, request: plainRequest(request) } });
  }

  onConditionalDone(peer: number, id: number, outcome: ConditionalOutcome): void {
    const bytes = outcome.bytes === null ? null : hex(outcome.bytes);
    const receipt =
      outcome.receipt === null ? null : { ...outcome.receipt, token: hex(outcome.receipt.token) };
    this.#push(peer, { name: "conditionalDone", fields: { id, outcome: { ...outcome, bytes, receipt } } });
  }

  #push(peer: number, message: PlainMessage): void {
    this.peers.push(peer);
    this.messages.push(message);
  }
}
