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

/** What outlives a process. */
export interface Memory {
  /** Of our clock, as the storage held it when this process started. */
  readonly ceiling: number;
  /** Of our data directory: chosen by chance when it was first used. */
  readonly birth: number;
  /** The highest clock that each peer is known to have minted. */
  readonly heard: ReadonlyMap<MemberId, number>;
  /** The birth of the directory that each peer spoke from when a link with it was up. */
  readonly births: ReadonlyMap<MemberId, number>;
}

export interface HelloCheckParts {
  readonly self: MemberId;
  readonly topology: Topology;
  readonly hlc: HybridClock;
  /** Drawn by chance when this process started: no other shares it. */
  readonly session: number;
  /** `heard` and `births` change as peers are met. */
  readonly memory: Memory;
}

export class HelloCheck {
  readonly #parts: HelloCheckParts;
  /** Nothing minted since the start is below this. */
  readonly #boot: number;

  constructor(parts: HelloCheckParts) {
    this.#parts = parts;
    this.#boot = parts.hlc.reading();
  }

  /** Our HELLO to this member. */
  hello(lane: Lane, peer: MemberId): Hello {
    const { self, topology, session, memory } = this.#parts;
    return {
      protocolMin: PROTOCOL_MIN,
      protocolMax: PROTOCOL_MAX,
      cluster: topology.cluster,
      member: self,
      lane,
      epoch: topology.epoch,
      digest: topology.digest,
      session,
      heard: memory.heard.get(peer) ?? 0,
      birth: memory.birth,
      known: memory.births.get(peer) ?? 0,
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
    return (
      this.#judgeIdentity(hello, dialled, lane) ?? this.#judgeDirectory(hello) ?? this.#judgeMemory(hello)
    );
  }

  /**
   * Empty, or why a peer must not be talked to that has agreed itself: the one we know by this id speaks from another
   * directory. Asked last, so that it has heard that first and can stop.
   */
  objection(peer: MemberId, birth: number): string {
    if (!this.#isOther(peer, birth)) return "";
    return (
      `member ${this.#parts.self} knows member ${peer} by another data directory than the one it speaks from: that ` +
      `was wiped, or exchanged. ${nextStep(peer)}`
    );
  }

  #isOther(peer: MemberId, birth: number): boolean {
    const known = this.#parts.memory.births.get(peer) ?? 0;
    return known !== 0 && known !== birth;
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
   * A peer that knows us by another directory has met an earlier self, which this one has forgotten. If we know the
   * peer by another one too, nobody can say which of us is wrong: then its word stops nobody, but we do not talk.
   * Otherwise one member with a wrong directory would stop all others.
   */
  #judgeDirectory({ member, birth, known }: Hello): Verdict | null {
    const { self, memory } = this.#parts;
    if (known === 0 || known === memory.birth) return null;
    if (this.#isOther(member, birth)) {
      return refused(
        "MEMBER",
        `members ${self} and ${member} know each other by other data directories than those they speak from: one of ` +
          `the two was exchanged. Put the right directory back, or take that member out of the topology and let it ` +
          `join under a new id.`,
      );
    }
    const text =
      `member ${member} knows member ${self} by another data directory than the one it has now: that was wiped, or ` +
      `exchanged. ${FORGOTTEN} ${nextStep(self)}`;
    return { outcome: "rolled-back", text };
  }

  /**
   * A clock that a peer heard from us, that our storage does not cover and that we have not minted since the start,
   * was minted by an earlier self whose storage is gone.
   */
  #judgeMemory({ heard, member }: Hello): Verdict {
    const { self, hlc, memory } = this.#parts;
    const mintedSince = heard >= this.#boot && heard <= hlc.minted;
    if (heard <= memory.ceiling || mintedSince) return { outcome: "agreed" };
    const held = memory.ceiling === 0 ? "remembers none" : `remembers none above ${memory.ceiling}`;
    const text =
      `member ${member} has heard member ${self} mint the clock ${heard}, but the data directory of member ${self} ` +
      `${held}: it was wiped, or copied back from an older state. ${FORGOTTEN} ${nextStep(self)}`;
    return { outcome: "rolled-back", text };
  }
}

const FORGOTTEN = "Under its old id it would claim writes that it has forgotten.";

function nextStep(member: MemberId): string {
  return `Put the right directory back, or take member ${member} out of the topology and let it join under a new id.`;
}

function refused(code: RefuseCode, text: string): Verdict {
  return { outcome: "refused", code, text };
}
