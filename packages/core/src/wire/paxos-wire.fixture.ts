/** Messages of proposers and acceptors as plain data (bytes as hex), and how they are encoded. */
import { OUTCOMES, type OutcomeCode } from "../base/outcome.ts";
import { hex } from "../base/utf8.ts";
import type { Proposal } from "../paxos/acceptor.ts";
import type { Ballot } from "../paxos/ballot.ts";
import type { LinkWriter } from "../ports/transport.ts";
import {
  encodeAccept,
  encodeAccepted,
  encodeConditional,
  encodeConditionalDone,
  encodePrepare,
  encodePrepared,
} from "./encode-paxos.ts";
import { unhex } from "./hex.fixture.ts";
import type { ConditionalOutcome, ForwardedConditional, PreparedReply, RemoteReceipt } from "./messages.ts";

type Plain<T> = { [Name in keyof T]: T[Name] extends Uint8Array ? string : T[Name] };
type PlainReceipt = Omit<RemoteReceipt, "token"> & { token: string };

export type PlainPaxosMessage =
  | {
      name: "prepare";
      fields: { id: number; deadline: number; ballot: Ballot; storageKey: string; head: string };
    }
  | { name: "prepared"; fields: { id: number; code: OutcomeCode; reply: Plain<PreparedReply> } }
  | {
      name: "accept";
      fields: { id: number; deadline: number; flags: number; storageKey: string; proposal: Plain<Proposal> };
    }
  | { name: "accepted"; fields: { id: number; code: OutcomeCode; promised: Ballot } }
  | { name: "conditional"; fields: { id: number; deadline: number; request: Plain<ForwardedConditional> } }
  | {
      name: "conditionalDone";
      fields: {
        id: number;
        outcome: Omit<ConditionalOutcome, "bytes" | "receipt"> & {
          bytes: string | null;
          receipt: PlainReceipt | null;
        };
      };
    };

export function encodePlainPaxos(writer: LinkWriter, message: PlainPaxosMessage): void {
  switch (message.name) {
    case "prepare": {
      const { id, deadline, ballot, storageKey, head } = message.fields;
      return encodePrepare(writer, id, deadline, ballot, unhex(storageKey), unhex(head));
    }
    case "prepared": {
      const { id, code, reply } = message.fields;
      const bytes = { unfinished: unhex(reply.unfinished), committed: unhex(reply.committed) };
      return encodePrepared(writer, id, OUTCOMES[code].wire, { ...reply, ...bytes });
    }
    case "accept": {
      const { id, deadline, flags, storageKey, proposal } = message.fields;
      const whole = { ...proposal, record: unhex(proposal.record) };
      return encodeAccept(writer, id, deadline, flags, unhex(storageKey), whole);
    }
    case "accepted": {
      const { id, code, promised } = message.fields;
      return encodeAccepted(writer, id, OUTCOMES[code].wire, promised);
    }
    case "conditional": {
      const { id, deadline, request } = message.fields;
      const bytes = { key: unhex(request.key), operand: unhex(request.operand), value: unhex(request.value) };
      return encodeConditional(writer, id, deadline, { ...request, ...bytes });
    }
    case "conditionalDone": {
      const { id, outcome } = message.fields;
      const bytes = outcome.bytes === null ? null : unhex(outcome.bytes);
      const receipt =
        outcome.receipt === null ? null : { ...outcome.receipt, token: unhex(outcome.receipt.token) };
      return encodeConditionalDone(writer, id, { ...outcome, bytes, receipt });
    }
  }
}

export function plainReply(reply: PreparedReply): Plain<PreparedReply> {
  return { ...reply, unfinished: hex(reply.unfinished), committed: hex(reply.committed) };
}

export function plainRequest(request: ForwardedConditional): Plain<ForwardedConditional> {
  return { ...request, key: hex(request.key), operand: hex(request.operand), value: hex(request.value) };
}
