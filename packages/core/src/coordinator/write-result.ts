/** Dresses the end of a write for whoever asked: a face here, or the member that forwarded it. */
import { OUTCOMES } from "../base/outcome.ts";
import type { MemberId, MemberInfo } from "../model/member.ts";
import { encodeToken } from "../version/context-token.ts";
import { encodeWritten } from "../wire/encode.ts";
import type { RemoteReceipt } from "../wire/messages.ts";
import { type CoordinatorParts, countFailure } from "./operation.ts";
import type { WriteEnd, WriteUser } from "./put-operation.ts";
import type { PutRequest, PutUser, Receipt } from "./request.ts";

/** For a face. */
export class LocalWriteUser implements WriteUser {
  readonly #parts: CoordinatorParts;
  readonly #request: PutRequest;
  readonly #user: PutUser;
  readonly #tag: number;

  constructor(parts: CoordinatorParts, request: PutRequest, user: PutUser, tag: number) {
    this.#parts = parts;
    this.#request = request;
    this.#user = user;
    this.#tag = tag;
  }

  onWriteEnd(end: WriteEnd): void {
    const { code, text, existed, written } = end;
    if (code !== "OK") countFailure(this.#parts.counters, code);
    const wanted = this.#request.wantReceipt && written !== null;
    const receipt = wanted ? receiptOf(this.#parts, this.#request, written, end.coordinator) : null;
    this.#user.onPut(this.#tag, { code, text, existed, receipt });
  }
}

/** For the member that forwarded the write. */
export class RemoteWriteUser implements WriteUser {
  readonly #parts: CoordinatorParts;
  readonly #peer: MemberId;
  readonly #id: number;
  readonly #wantReceipt: boolean;

  constructor(parts: CoordinatorParts, peer: MemberId, id: number, wantReceipt: boolean) {
    this.#parts = parts;
    this.#peer = peer;
    this.#id = id;
    this.#wantReceipt = wantReceipt;
  }

  onWriteEnd(end: WriteEnd): void {
    const writer = this.#parts.peers.writer(this.#peer, "foreground");
    if (writer === null) return;
    const written = this.#wantReceipt ? end.written : null;
    encodeWritten(writer, this.#id, OUTCOMES[end.code].wire, end.existed, end.text, written);
  }
}

function receiptOf(
  parts: CoordinatorParts,
  request: PutRequest,
  written: RemoteReceipt,
  coordinator: MemberId,
): Receipt {
  const { topology } = parts;
  const infos = written.homes.map((home) => topology.members.find((member) => member.id === home));
  const scope = { cluster: parts.clusterHash, namespace: request.namespace };
  return {
    dot: written.dot,
    token: encodeToken(scope, request.key, written.covering),
    coordinator,
    w: written.w,
    homes: written.homes,
    fsynced: written.fsynced,
    fallbacks: [],
    zones: distinct(infos, (info) => info.zone),
    regions: distinct(infos, (info) => info.region),
    epoch: topology.epoch,
  };
}

function distinct(infos: readonly (MemberInfo | undefined)[], label: (info: MemberInfo) => string): string[] {
  const labels = new Set<string>();
  for (const info of infos) if (info !== undefined) labels.add(label(info));
  return [...labels].sort();
}
