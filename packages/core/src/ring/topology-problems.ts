/** What makes lists of members and namespaces unfit to be a topology, in sentences that say what to change. */
import type { Limits } from "../config/limits.ts";
import type { Address, MemberInfo } from "../model/member.ts";
import { CONFLICT_POLICIES, type ConflictPolicy } from "../model/namespace.ts";
import { candidatesOf } from "./domains.ts";
import { printable } from "./topology-text.ts";

export interface NamespaceWish {
  readonly name: string;
  /** A `ConflictPolicy`, or what somebody took for one. */
  readonly policy: string;
  readonly n: number;
}

/** What every member of a cluster must be given alike; the order within the lists does not matter. */
export interface TopologyLists {
  readonly cluster: string;
  readonly members: readonly MemberInfo[];
  readonly namespaces: readonly NamespaceWish[];
  readonly partitions: number;
  readonly fallbacksMax: number;
}

const NAME = /^[A-Za-z0-9._-]{1,64}$/;
/** A name or an address of either family, without a port. */
const ADDRESS_HOST = /^[A-Za-z0-9.:_-]{1,255}$/;
const ID_MAX = 2 ** 32 - 1;
const WEIGHT_MAX = 1000;
/** More would not help anybody. */
const PROBLEMS_MAX = 20;

/** Empty when a topology can be formed. */
export function topologyProblems(lists: TopologyLists, limits: Limits): string[] {
  const problems = [...settingProblems(lists, limits), ...countProblems(lists, limits)];
  // A list that is far too long is not looked into.
  if (lists.members.length <= limits.membersMax) problems.push(...memberProblems(lists.members));
  if (lists.namespaces.length <= limits.namespacesMax) problems.push(...namespaceProblems(lists, limits));
  const more = problems.length - PROBLEMS_MAX;
  return more <= 0 ? problems : [...problems.slice(0, PROBLEMS_MAX), `and ${more} more`];
}

function settingProblems({ cluster, partitions, fallbacksMax }: TopologyLists, limits: Limits): string[] {
  const problems = nameProblem("cluster name", cluster);
  const { partitionsMin, partitionsMax } = limits;
  if (!isWhole(partitions, partitionsMin, partitionsMax) || (partitions & (partitions - 1)) !== 0) {
    problems.push(
      `partitions is ${partitions}; it must be a power of two from ${partitionsMin} to ${partitionsMax}`,
    );
  }
  problems.push(...numberProblem("fallbacksMax", fallbacksMax, 0, limits.fallbacksMax));
  return problems;
}

function countProblems({ members, namespaces }: TopologyLists, limits: Limits): string[] {
  const problems: string[] = [];
  if (members.length === 0) problems.push("no members are listed");
  if (members.length > limits.membersMax) {
    problems.push(`${members.length} members are listed; at most ${limits.membersMax} are possible`);
  }
  if (namespaces.length > limits.namespacesMax) {
    problems.push(`${namespaces.length} namespaces are listed; at most ${limits.namespacesMax} are possible`);
  }
  return problems;
}

function memberProblems(members: readonly MemberInfo[]): string[] {
  const problems: string[] = [];
  const ids = new Set<number>();
  const names = new Map<string, number>();
  const addresses = new Map<string, string>();
  for (const member of members) {
    const title = `member ${member.id}`;
    if (!isWhole(member.id, 1, ID_MAX))
      problems.push(`member id ${member.id} is not a whole number from 1 to ${ID_MAX}`);
    if (ids.has(member.id)) problems.push(`two members have the id ${member.id}`);
    ids.add(member.id);
    const other = names.get(member.name);
    if (other !== undefined)
      problems.push(`members ${other} and ${member.id} are both named ${printable(member.name)}`);
    names.set(member.name, member.id);
    for (const field of ["name", "host", "zone", "region"] as const) {
      problems.push(...nameProblem(`${title}: ${field}`, member[field]));
    }
    problems.push(...numberProblem(`${title}: weight`, member.weight, 1, WEIGHT_MAX));
    for (const [kind, address] of [
      ["peer", member.peer],
      ["RESP", member.resp],
      ["HTTP", member.http],
    ] as const) {
      problems.push(...addressProblems(`the ${kind} address of member ${member.id}`, address, addresses));
    }
  }
  problems.push(...domainProblems(members));
  return problems;
}

/** `taken` remembers whose each address is. */
function addressProblems(title: string, { host, port }: Address, taken: Map<string, string>): string[] {
  const problems = numberProblem(`${title}: port`, port, 1, 65_535);
  if (!ADDRESS_HOST.test(host)) problems.push(`${title}: ${printable(host)} is no host name or IP address`);
  const key = `${host.toLowerCase()}:${port}`;
  const other = taken.get(key);
  if (other !== undefined) problems.push(`${other} and ${title} are both ${printable(key)}`);
  taken.set(key, title);
  return problems;
}

function domainProblems(members: readonly MemberInfo[]): string[] {
  const problems: string[] = [];
  const regions = new Set(members.map((member) => member.region));
  if (regions.size > 1) {
    problems.push(
      `members are in ${regions.size} regions; one cluster is in one region as yet, give all the same`,
    );
  }
  const zones = new Map<string, string>();
  for (const { host, zone } of candidatesOf(members)) {
    const other = zones.get(host);
    if (other !== undefined && other !== zone) {
      problems.push(`host ${printable(host)} is in two zones, ${printable(other)} and ${printable(zone)}`);
    }
    zones.set(host, zone);
  }
  return problems;
}

function namespaceProblems({ namespaces }: TopologyLists, limits: Limits): string[] {
  const problems: string[] = [];
  const names = new Set<string>();
  for (const { name, policy, n } of namespaces) {
    const title = `namespace ${printable(name)}`;
    problems.push(...nameProblem("namespace name", name));
    if (names.has(name)) problems.push(`${title} is listed twice`);
    names.add(name);
    if (policyNamed(policy) === null)
      problems.push(
        `${title}: policy ${printable(policy)} is not offered; use ${CONFLICT_POLICIES.join(" or ")}`,
      );
    problems.push(...numberProblem(`${title}: n`, n, 1, limits.replicasMax));
  }
  if (!names.has("default")) problems.push("the namespace default is missing; every cluster has one");
  return problems;
}

/** Null for the name of none. */
export function policyNamed(name: string): ConflictPolicy | null {
  return CONFLICT_POLICIES.find((policy) => policy === name) ?? null;
}

function nameProblem(title: string, name: string): string[] {
  if (NAME.test(name)) return [];
  return [`${title} is ${printable(name)}; it must be 1 to 64 letters, digits, dots, dashes or underscores`];
}

function numberProblem(title: string, value: number, least: number, most: number): string[] {
  return isWhole(value, least, most)
    ? []
    : [`${title} is ${value}; it must be a whole number from ${least} to ${most}`];
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
