/**
 * Whether a topology keeps every promise about placement, judged from its lists alone: what the allocator claims, the
 * simulator and the tests check here.
 */
import type { MemberId, MemberInfo } from "../model/member.ts";
import type { PreferenceList, Topology } from "../model/topology.ts";
import { candidatesOf, domainsOf } from "./domains.ts";
import { fairShares } from "./fair-share.ts";
import { SLOTS } from "./slot.ts";

const PARTITIONS_MIN = 16;
/** Shares are fractions, computed with tiny errors. */
const SLACK = 1e-7;

/** What is wrong, in words; empty when nothing is. */
export function checkPlacement(topology: Topology): string[] {
  const { members, preferenceLists: lists } = topology;
  const problems: string[] = [];
  checkHosts(members, problems);
  const hosts = new Set(members.map((member) => member.host)).size;
  const wanted = topology.namespaces.reduce((most, namespace) => Math.max(most, namespace.n), 0);
  const replicas = Math.min(wanted, hosts);
  if (topology.replicas !== replicas) {
    problems.push(
      `replicas is ${topology.replicas}, but namespaces ask for ${wanted} and there are ${hosts} hosts`,
    );
  }
  if (lists.length < PARTITIONS_MIN || lists.length > SLOTS || (lists.length & (lists.length - 1)) !== 0) {
    problems.push(`${lists.length} partitions: not a power of two from ${PARTITIONS_MIN} to ${SLOTS}`);
  }
  const checker = new ListChecker(members);
  const fallbacks = Math.min(lists[0]?.fallbacks.length ?? 0, hosts - replicas);
  lists.forEach((list, partition) => {
    const wrong = checker.check(list, replicas, fallbacks);
    problems.push(...wrong.map((text) => `partition ${partition}: ${text}`));
  });
  if (problems.length === 0) checkBalance(topology, problems);
  return problems;
}

function checkHosts(members: readonly MemberInfo[], problems: string[]): void {
  const zones = new Map<string, string>();
  for (const { host, zone } of candidatesOf(members)) {
    const other = zones.get(host) ?? zone;
    if (other !== zone) problems.push(`host ${host} is in two zones, ${other} and ${zone}`);
    zones.set(host, zone);
  }
}

class ListChecker {
  readonly #hosts: ReadonlyMap<MemberId, string>;
  readonly #zones: ReadonlyMap<MemberId, string>;
  /** How many hosts each zone has. */
  readonly #hostsIn = new Map<string, number>();

  constructor(members: readonly MemberInfo[]) {
    const candidates = candidatesOf(members);
    this.#hosts = new Map(candidates.map(({ id, host }) => [id, host]));
    this.#zones = new Map(candidates.map(({ id, zone }) => [id, zone]));
    const zoneOfHost = new Map(candidates.map(({ host, zone }) => [host, zone]));
    for (const zone of zoneOfHost.values()) this.#hostsIn.set(zone, (this.#hostsIn.get(zone) ?? 0) + 1);
  }

  check(list: PreferenceList, replicas: number, fallbacks: number): string[] {
    const problems: string[] = [];
    const all = [...list.homes, ...list.fallbacks];
    const unknown = all.filter((id) => !this.#hosts.has(id));
    if (unknown.length > 0) return [`names ${unknown.join(", ")}, no member of this cluster`];
    if (list.homes.length !== replicas) problems.push(`has ${list.homes.length} homes, not ${replicas}`);
    if (list.fallbacks.length !== fallbacks) {
      problems.push(`has ${list.fallbacks.length} fallbacks where others have ${fallbacks}`);
    }
    if (new Set(all).size < all.length) problems.push(`names a member twice: ${all.join(", ")}`);
    else if (new Set(all.map((id) => this.#hosts.get(id))).size < all.length) {
      problems.push(`two of ${all.join(", ")} are on one host`);
    }
    this.#checkHomeZones(list.homes, problems);
    this.#checkFallbackZones(list, problems);
    return problems;
  }

  /** Every beginning of the list is in as many zones as it can be, since a smaller n uses a beginning. */
  #checkHomeZones(homes: readonly MemberId[], problems: string[]): void {
    const used = new Set<string>();
    for (const [at, home] of homes.entries()) {
      used.add(this.#zones.get(home) ?? "");
      const possible = Math.min(at + 1, this.#hostsIn.size);
      if (used.size === possible) continue;
      problems.push(`homes ${homes.slice(0, at + 1).join(", ")} are in ${used.size} zones, not ${possible}`);
      return;
    }
  }

  /** A fallback is in a zone where nothing of the partition is yet, as long as there is one. */
  #checkFallbackZones(list: PreferenceList, problems: string[]): void {
    const used = new Set(list.homes.map((id) => this.#zones.get(id) ?? ""));
    for (const fallback of list.fallbacks) {
      const zone = this.#zones.get(fallback) ?? "";
      if (used.has(zone) && used.size < this.#hostsIn.size) {
        problems.push(`fallback ${fallback} is in zone ${zone} although another zone is free`);
      }
      used.add(zone);
    }
  }
}

/** Each member is first home, and home at all, within 1 of its fair share. */
function checkBalance(topology: Topology, problems: string[]): void {
  const lists = topology.preferenceLists;
  const domains = domainsOf(candidatesOf(topology.members));
  for (const [length, what] of [
    [1, "first home"],
    [topology.replicas, "home"],
  ] as const) {
    const counts = new Map<MemberId, number>();
    for (const { homes } of lists) {
      for (const home of homes.slice(0, length)) counts.set(home, (counts.get(home) ?? 0) + 1);
    }
    const shares = fairShares(domains, lists.length, length);
    domains.members.forEach(({ id }, at) => {
      const count = counts.get(id) ?? 0;
      const share = shares[at] ?? 0;
      if (Math.abs(count - share) <= 1 + SLACK) return;
      problems.push(`member ${id} is ${what} of ${count} partitions, its fair share is ${share.toFixed(2)}`);
    });
  }
}
