/** Dresses the end of a write for whoever asked: a face here, or the member that forwarded it. */
import { OUTCOMES } from "../base/outcome.ts";
import { compareTexts } from "../base/text-order.ts";
import { latin1Decode } from "../base/utf8.ts";
import type { MemberId, MemberInfo } from "../model/member.ts";
import { ReplyPath } from "../replica/reply-path.ts";
import { encodeWritten } from "../wire/encode.ts";
import type { RemoteReceipt } from "../wire/messages.ts";
import { type CoordinatorParts, countFailure } from "./coordination.ts";
import type { PutRequest, PutUser, Receipt } from "./request.ts";
import type { WriteEnd, WriteUser } from "./write-end.ts";

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
    const receipt = wanted ? receiptOf(this.#parts, written, end.coordinator) : null;
    this.#user.onPut(this.#tag, { code, text, existed, receipt });
  }
}

/** For the member that forwarded the write. */
export class RemoteWriteUser implements WriteUser {
  readonly #path: ReplyPath;

  constructor({ peers }: CoordinatorParts, peer: MemberId, id: number) {
    this.#path = new ReplyPath(peers, peer, id);
  }

  onWriteEnd({ code, existed, text, written }: WriteEnd): void {
    const writer = this.#path.writer("foreground");
    if (writer !== null) encodeWritten(writer, this.#path.id, OUTCOMES[code].wire, existed, text, written);
  }
}

/** A receipt for a face. */
export function receiptOf(parts: CoordinatorParts, written: RemoteReceipt, coordinator: MemberId): Receipt {
  const { topology } = parts;
  const infos = [...written.homes, ...written.fallbacks].map((home) =>
    topology.members.find((member) => member.id === home),
  );
  return {
    dot: written.dot,
    token: latin1Decode(written.token),
    coordinator,
    w: written.w,
    homes: written.homes,
    fsynced: written.fsynced,
    fallbacks: written.fallbacks,
    zones: distinct(infos, (info) => info.zone),
    regions: distinct(infos, (info) => info.region),
    epoch: topology.epoch,
  };
}

function distinct(infos: readonly (MemberInfo | undefined)[], label: (info: MemberInfo) => string): string[] {
  const labels = new Set<string>();
  for (const info of infos) if (info !== undefined) labels.add(label(info));
  return [...labels].sort(compareTexts);
}
