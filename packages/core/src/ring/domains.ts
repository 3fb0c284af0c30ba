/** The members that may hold partitions, in a canonical order, with the hosts and zones they are in. */
import { assert } from "../base/assert.ts";
import type { MemberId, MemberInfo } from "../model/member.ts";

/** What decides where partitions go. A host is in one zone. */
export interface Candidate {
  readonly id: MemberId;
  readonly host: string;
  readonly zone: string;
  readonly weight: number;
}

/** Members on one host, or hosts in one zone, with the weight of all members below. */
export interface Domain {
  /** Indexes of members, in order. */
  readonly members: number[];
  /** Index of the zone; for a zone its own. */
  readonly zone: number;
  weight: number;
}

/**
 * Members, hosts and zones are known by their index here. Members are in order of id, hosts and zones in order of
 * their lowest id, so nothing that follows depends on the order in which members were listed or on any name.
 */
export interface Domains {
  readonly members: readonly Candidate[];
  /** Index of each member's host and zone. */
  readonly hostOf: Int32Array;
  readonly zoneOf: Int32Array;
  readonly hosts: readonly Domain[];
  readonly zones: readonly Domain[];
}

export function domainsOf(candidates: readonly Candidate[]): Domains {
  const members = candidates.toSorted((a, b) => a.id - b.id);
  const hostOf = new Int32Array(members.length);
  const zoneOf = new Int32Array(members.length);
  const hosts: Domain[] = [];
  const zones: Domain[] = [];
  const hostIndex = new Map<string, number>();
  const zoneIndex = new Map<string, number>();
  members.forEach((member, at) => {
    const zone = join(zones, zoneIndex, member.zone, zones.length, at, member.weight);
    const host = join(hosts, hostIndex, member.host, zone, at, member.weight);
    assert(hosts[host]?.zone === zone, `host ${member.host} is in one zone`);
    hostOf[at] = host;
    zoneOf[at] = zone;
  });
  return { members, hostOf, zoneOf, hosts, zones };
}

/** Adds a member to the domain of that name, which begins to exist if need be, and returns the domain's index. */
function join(
  domains: Domain[],
  index: Map<string, number>,
  name: string,
  zone: number,
  member: number,
  weight: number,
): number {
  const at = index.get(name) ?? domains.length;
  const domain = domains[at];
  if (domain === undefined) {
    domains.push({ members: [member], zone, weight });
    index.set(name, at);
  } else {
    domain.members.push(member);
    domain.weight += weight;
  }
  return at;
}

/** Zones of the same name in two regions are two zones. */
export function candidatesOf(members: readonly MemberInfo[]): Candidate[] {
  return members.map(({ id, host, region, zone, weight }) => ({
    id,
    host,
    zone: `${region}/${zone}`,
    weight,
  }));
}
