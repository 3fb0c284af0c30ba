/** What members answer to `KV.ADMIN` about copies of keys, read with care: the server's `admin-copies.ts` names the fields. */
import { listOf, numberOf, objectOf, stringOf } from "./json.ts";

export interface ExchangeRow {
  readonly peer: number;
  readonly name: string;
  readonly partitions: number;
  readonly proven: number;
  readonly oldestProofMs: number;
  readonly exchanges: number;
  readonly different: number;
  readonly repaired: number;
  readonly bytes: number;
  /** Empty before the first has ended. */
  readonly lastCode: string;
}

export interface UpkeepRow {
  readonly slotsUnknown: number;
  readonly exchangeEveryMs: number;
  readonly exchanges: readonly ExchangeRow[];
}

export function readUpkeep(value: unknown): UpkeepRow {
  const upkeep = objectOf(value, "upkeep");
  return {
    slotsUnknown: numberOf(upkeep["slotsUnknown"], "slotsUnknown"),
    exchangeEveryMs: numberOf(upkeep["exchangeEveryMs"], "exchangeEveryMs"),
    exchanges: listOf(upkeep["exchanges"], "exchanges", (item, what) => {
      const row = objectOf(item, what);
      const number = (field: string): number => numberOf(row[field], `${what}.${field}`);
      return {
        peer: number("peer"),
        name: stringOf(row["name"], `${what}.name`),
        partitions: number("partitions"),
        proven: number("proven"),
        oldestProofMs: number("oldestProofMs"),
        exchanges: number("exchanges"),
        different: number("different"),
        repaired: number("repaired"),
        bytes: number("bytes"),
        lastCode: stringOf(row["lastCode"], `${what}.lastCode`),
      };
    }),
  };
}

/** What one member keeps for another, and what has come of it since its start. */
export interface HintRow {
  readonly target: number;
  readonly name: string;
  readonly references: number;
  readonly copies: number;
  readonly bytes: number;
  readonly oldestMs: number;
  readonly noted: number;
  readonly delivered: number;
  readonly dropped: number;
  readonly refused: number;
  /** Empty before the first delivery has ended. */
  readonly lastCode: string;
}

export function readHints(value: unknown): HintRow[] {
  return listOf(objectOf(value, "hints")["hints"], "hints", (item, what) => {
    const row = objectOf(item, what);
    const number = (field: string): number => numberOf(row[field], `${what}.${field}`);
    return {
      target: number("target"),
      name: stringOf(row["name"], `${what}.name`),
      references: number("references"),
      copies: number("copies"),
      bytes: number("bytes"),
      oldestMs: number("oldestMs"),
      noted: number("noted"),
      delivered: number("delivered"),
      dropped: number("dropped"),
      refused: number("refused"),
      lastCode: stringOf(row["lastCode"], `${what}.lastCode`),
    };
  });
}

/** A partition as one of its homes sees it. */
export interface PartitionRow {
  readonly partition: number;
  readonly homes: readonly number[];
  readonly slots: number;
  readonly slotsKnown: number;
  readonly keys: number;
  readonly bytes: number;
  /** Null: not since the start. */
  readonly proofs: readonly { readonly peer: number; readonly ageMs: number | null }[];
}

export interface PartitionsRow {
  readonly partitions: readonly PartitionRow[];
  readonly next: number | null;
}

export function readPartitions(value: unknown): PartitionsRow {
  const page = objectOf(value, "partitions");
  const { next } = page;
  return {
    partitions: listOf(page["partitions"], "partitions", (item, what) => {
      const row = objectOf(item, what);
      const number = (field: string): number => numberOf(row[field], `${what}.${field}`);
      return {
        partition: number("partition"),
        homes: listOf(row["homes"], `${what}.homes`, numberOf),
        slots: number("slots"),
        slotsKnown: number("slotsKnown"),
        keys: number("keys"),
        bytes: number("bytes"),
        proofs: listOf(row["proofs"], `${what}.proofs`, (inner, which) => {
          const { peer, ageMs } = objectOf(inner, which);
          const age = ageMs === null ? null : numberOf(ageMs, `${which}.ageMs`);
          return { peer: numberOf(peer, `${which}.peer`), ageMs: age };
        }),
      };
    }),
    next: next === null ? null : numberOf(next, "next"),
  };
}

export interface DifferenceRow {
  readonly key: Buffer;
  /** Homes with the same record, together. */
  readonly groups: readonly (readonly number[])[];
  readonly missing: readonly number[];
  readonly damaged: readonly number[];
}

export interface VerifiedRow {
  readonly keys: number;
  readonly compared: number;
  readonly different: number;
  readonly differences: readonly DifferenceRow[];
  readonly unasked: readonly { readonly member: number; readonly code: string }[];
  /** Slots that are done. */
  readonly slots: number;
  /** Null: all is done. */
  readonly cursor: string | null;
}

export function readVerified(value: unknown): VerifiedRow {
  const page = objectOf(value, "verified");
  const { cursor } = page;
  return {
    keys: numberOf(page["keys"], "keys"),
    compared: numberOf(page["compared"], "compared"),
    different: numberOf(page["different"], "different"),
    differences: listOf(page["differences"], "differences", (item, what) => {
      const row = objectOf(item, what);
      return {
        key: Buffer.from(stringOf(row["keyBase64"], `${what}.keyBase64`), "base64"),
        groups: listOf(row["groups"], `${what}.groups`, (inner, which) => listOf(inner, which, numberOf)),
        missing: listOf(row["missing"], `${what}.missing`, numberOf),
        damaged: listOf(row["damaged"], `${what}.damaged`, numberOf),
      };
    }),
    unasked: listOf(page["unasked"], "unasked", (item, what) => {
      const { member, code } = objectOf(item, what);
      return { member: numberOf(member, `${what}.member`), code: stringOf(code, `${what}.code`) };
    }),
    slots: numberOf(page["slots"], "slots"),
    cursor: cursor === null ? null : stringOf(cursor, "cursor"),
  };
}
