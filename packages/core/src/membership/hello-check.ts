/**
 * Whether two members may talk, judged by each side from the other's HELLO: cluster, protocol, topology, identity,
 * then memory; the first that is wrong is named. (Topology before identity: a stranger is best explained by the
 * difference between the lists.)
 */
import { bytesEqual } from "../base/bytes.ts";
import type { MemberId } from "../model/member.ts";
import type { Topology } from "../model/topology.ts";
import type { Lane } from "../ports/transport.ts";
import type { HybridClock } from "../version/hlc.ts";
import { type Hello, PROTOCOL_MAX, PROTOCOL_MIN } from "../wire/messages.ts";

/** Stable codes of REFUSE. */
export type RefuseCode = "CLUSTER" | "PROTOCOL" | "SAMEID" | "MEMBER" | "TOPOLOGY" | "EPOCH" | "CLOCK";

/**
 * `agreed`: go on. `differs`: the topologies do, so exchange them to name the difference. `refused`: `code` and
 * `text` say why. `rolled-back`: it is this member that must stop.
 */
export type Verdict =
  | { readonly outcome: "agreed" | "differs" }
  | { readonly outcome: "refused"; readonly code: RefuseCode; readonly text: string }
  | { readonly outcome: "rolled-back"; readonly text: string };

export interface HelloCheckParts {
  readonly self: MemberId;
  readonly topology: Topology;
  readonly hlc: HybridClock;
  /** The ceiling of clocks that this member's storage held when it started. */
  readonly bootCeiling: number;
}

export class HelloCheck {
  readonly #parts: HelloCheckParts;
  /** Nothing minted since the start is below this. */
  readonly #boot: number;

  constructor(parts: HelloCheckParts) {
    this.#parts = parts;
    this.#boot = parts.hlc.reading();
  }

  /** Our HELLO. `heard`: the highest clock that we know the receiver to have minted. */
  hello(lane: Lane, heard: number): Hello {
    const { self, topology } = this.#parts;
    return {
      protocolMin: PROTOCOL_MIN,
      protocolMax: PROTOCOL_MAX,
      cluster: topology.cluster,
      member: self,
      lane,
      epoch: topology.epoch,
      digest: topology.digest,
      boot: this.#boot,
      heard,
    };
  }

  /** Judges their HELLO. `dialled`: whom we meant to call; 0 when it is they who call. `lane`: of that call. */
  judge(hello: Hello, dialled: MemberId, lane: Lane): Verdict {
    const { self, topology } = this.#parts;
    if (hello.cluster !== topology.cluster) {
      return refused(
        "CLUSTER",
        `one side belongs to cluster ${JSON.stringify(topology.cluster)}, the other to cluster ${JSON.stringify(hello.cluster)}`,
      );
    }
    if (hello.protocolMax < PROTOCOL_MIN || hello.protocolMin > PROTOCOL_MAX) {
      return refused(
        "PROTOCOL",
        `member ${self} speaks peer protocol ${PROTOCOL_MIN} to ${PROTOCOL_MAX}, member ${hello.member} ${hello.protocolMin} to ${hello.protocolMax}`,
      );
    }
    if (hello.member === self) {
      return refused(
        "SAMEID",
        `both sides say they are member ${self}: two processes have one id, or an address leads back to its owner`,
      );
    }
    if (!bytesEqual(hello.digest, topology.digest)) return { outcome: "differs" };
    return this.#judgeIdentity(hello, dialled, lane) ?? this.#judgeMemory(hello);
  }

  #judgeIdentity(hello: Hello, dialled: MemberId, lane: Lane): Verdict | null {
    const { self, topology } = this.#parts;
    const { member } = hello;
    if (dialled !== 0 && (member !== dialled || hello.lane !== lane)) {
      return refused(
        "MEMBER",
        `member ${self} called member ${dialled} (${lane}), and member ${member} answered (${hello.lane}): check the addresses`,
      );
    }
    if (!topology.members.some(({ id }) => id === member)) {
      return refused("MEMBER", `member ${member} is not in the topology`);
    }
    if (dialled === 0 && member > self) {
      return refused("MEMBER", `member ${member} called member ${self}, but the one with the lower id calls`);
    }
    return null;
  }

  /**
   * A clock that a peer heard from us, that our storage does not cover and that we have not minted since the start,
   * was minted by an earlier self whose storage is gone.
   */
  #judgeMemory({ heard, member }: Hello): Verdict {
    const { self, hlc, bootCeiling } = this.#parts;
    const mintedSince = heard >= this.#boot && heard <= hlc.minted;
    if (heard <= bootCeiling || mintedSince) return { outcome: "agreed" };
    const held = bootCeiling === 0 ? "remembers none" : `remembers none above ${bootCeiling}`;
    const text =
      `member ${member} has heard member ${self} mint the clock ${heard}, but the data directory of member ${self} ` +
      `${held}: it was wiped, or copied back from an older state. Under its old id it would claim writes that it ` +
      `has forgotten. Put the right directory back, or take member ${self} out of the topology and let it join ` +
      `under a new id.`;
    return { outcome: "rolled-back", text };
  }
}

function refused(code: RefuseCode, text: string): Verdict {
  return { outcome: "refused", code, text };
}
