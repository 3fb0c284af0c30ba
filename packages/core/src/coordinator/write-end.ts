/** How a write ended, as its coordinator knows it. It travels to the member that forwarded the write, or to a face. */
import { latin1Encode } from "../base/utf8.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { MemberId } from "../model/member.ts";
import { encodeToken } from "../version/context-token.ts";
import type { RemoteReceipt } from "../wire/messages.ts";
import type { Written } from "./build-record.ts";
import type { CoordinatorParts } from "./coordination.ts";
import type { Replication } from "./replication.ts";
import type { PutRequest } from "./request.ts";

/** Why a write to a damaged record is refused. */
export const STILL_DAMAGED =
  "the record is damaged here, and it is replaced only when all of its other homes answer; nothing was written";
export const LOST = "the record is damaged at all of its homes; it can only be overwritten or deleted";
/** Why a fallback does not coordinate a write. */
export const NO_ROOM =
  "no home of this key can be reached, and this fallback has no room (hintsMax, hintBytesMax, hintsTotalMax, hintBytesTotalMax) or is starting; nothing was written";

export interface WriteEnd {
  readonly code: OutcomeCode;
  readonly text: string;
  readonly existed: boolean;
  /** Who coordinated it; 0 when nobody came to. */
  readonly coordinator: MemberId;
  /** Null when nothing was written, or nobody asked for a receipt. */
  readonly written: RemoteReceipt | null;
}

export interface WriteUser {
  onWriteEnd(end: WriteEnd): void;
}

export function receiptFor(
  parts: CoordinatorParts,
  request: Pick<PutRequest, "namespace" | "key">,
  written: Written,
  replication: Replication,
): RemoteReceipt {
  const scope = { cluster: parts.clusterHash, namespace: request.namespace };
  return {
    dot: written.version.dot,
    w: replication.place.w,
    homes: replication.homes,
    fallbacks: replication.fallbacks,
    fsynced: replication.fsynced,
    token: latin1Encode(encodeToken(scope, request.key, written.seen)),
  };
}
