/**
 * Whether a member should get traffic, and whether it may be restarted now. Both ask the same of the partitions it
 * is a home of: can a quorum of the homes be reached, with this member, or without it?
 */
import { homesOf, type MemberApi, type MemberId, type MemberState } from "@kvorum/core";

/** `traffic`: may clients be sent here? `restart`: would everything still be served while this one is away? */
export type ReadyFor = "traffic" | "restart";

export interface Readiness {
  readonly ready: boolean;
  readonly for: ReadyFor;
  readonly member: string;
  readonly state: MemberState;
  /** Why not; empty when ready. `code` is stable. */
  readonly missing: readonly { readonly code: "state" | "quorum"; readonly text: string }[];
  /** Other members that this one does not reach, whether they are missed or not. */
  readonly unreachable: readonly {
    readonly id: number;
    readonly name: string;
    readonly state: string;
    readonly reason: string;
  }[];
}

const NAMES_SHOWN = 5;

export function readiness(member: MemberApi, wanted: ReadyFor): Readiness {
  const { name, state, peers } = member.status();
  const missing: Readiness["missing"][number][] = [];
  if (state !== "serving")
    missing.push({ code: "state", text: `the member is ${state}, and serves once it is "serving"` });
  missing.push(...shortNamespaces(member, wanted).map((text) => ({ code: "quorum" as const, text })));
  const unreachable = peers
    .filter(({ id }) => !member.reachable(id))
    .map(({ id, name: peer, state: link, reason }) => ({ id, name: peer, state: link, reason }));
  return { ready: missing.length === 0, for: wanted, member: name, state, missing, unreachable };
}

/** One sentence for all namespaces of equal `n` that would be without a quorum somewhere. */
function shortNamespaces(member: MemberApi, wanted: ReadyFor): string[] {
  const { topology } = member;
  const up = new Set(topology.members.map(({ id }) => id).filter((id) => member.reachable(id)));
  if (wanted === "restart") up.delete(member.id);
  const namesByN = new Map<number, string[]>();
  for (const { name, n } of topology.namespaces) namesByN.set(n, [...(namesByN.get(n) ?? []), name]);
  return [...namesByN].flatMap(([n, names]) => {
    const { held, short, away } = shortPartitions(member, n, up);
    if (short === 0) return [];
    const shown = names.length > NAMES_SHOWN ? [...names.slice(0, NAMES_SHOWN), "..."] : names;
    const where = names.length === 1 ? `namespace ${names[0]}` : `namespaces ${shown.join(", ")}`;
    const how = wanted === "restart" ? "would be without" : "cannot reach";
    return [`${short} of ${held} partitions of ${where} have no quorum: they ${how} ${away.join(", ")}`];
  });
}

interface Short {
  /** Partitions that this member is a home of, and those of them without a quorum. */
  readonly held: number;
  readonly short: number;
  /** Names of the homes that those miss. */
  readonly away: readonly string[];
}

function shortPartitions({ id: self, topology }: MemberApi, n: number, up: ReadonlySet<MemberId>): Short {
  const away = new Set<MemberId>();
  let held = 0;
  let short = 0;
  for (let partition = 0; partition < topology.preferenceLists.length; partition++) {
    const homes = homesOf(topology, n, partition);
    if (!homes.includes(self)) continue;
    held++;
    const gone = homes.filter((home) => !up.has(home));
    if (homes.length - gone.length > homes.length / 2) continue;
    short++;
    for (const home of gone) away.add(home);
  }
  const names = topology.members.filter(({ id }) => away.has(id)).map(({ name }) => name);
  return { held, short, away: names };
}
