/**
 * The first topology of a cluster whose members and namespaces are listed in a configuration. It depends on what the
 * lists say and not on their order, so members that were given the same facts arrive at the same topology, byte
 * for byte, and agree without having talked.
 *
 * Namespace ids are issued here: `default` is 1, the others follow in order of name.
 */
import { compareTexts } from "../base/text-order.ts";
import { DEFAULT_LIMITS, type Limits } from "../config/limits.ts";
import type { NamespaceInfo } from "../model/namespace.ts";
import type { Topology } from "../model/topology.ts";
import { allocate } from "./allocator.ts";
import { candidatesOf } from "./domains.ts";
import {
  type NamespaceWish,
  type TopologyLists,
  policyNamed,
  topologyProblems,
} from "./topology-problems.ts";
import { topologyDigest, topologyText } from "./topology-text.ts";

export type FormedTopology =
  | { readonly ok: true; readonly topology: Topology }
  | { readonly ok: false; readonly problems: readonly string[] };

export function formTopology(lists: TopologyLists, limits: Limits = DEFAULT_LIMITS): FormedTopology {
  const problems = topologyProblems(lists, limits);
  if (problems.length > 0) return { ok: false, problems };
  const { cluster, partitions, fallbacksMax } = lists;
  const members = lists.members.toSorted((a, b) => a.id - b.id);
  const namespaces = numbered(lists.namespaces);
  const n = namespaces.reduce((most, namespace) => Math.max(most, namespace.n), 0);
  const placed = allocate({ members: candidatesOf(members), partitions, n, fallbacksMax });
  const agreed = {
    cluster,
    epoch: 1,
    members,
    namespaces,
    replicas: placed.replicas,
    preferenceLists: placed.lists,
  };
  return { ok: true, topology: { ...agreed, digest: topologyDigest(topologyText(agreed)) } };
}

function numbered(wishes: readonly NamespaceWish[]): NamespaceInfo[] {
  const sorted = wishes.toSorted((a, b) => compareTexts(rank(a.name), rank(b.name)));
  return sorted.map(({ name, policy, n }, at) => ({
    id: at + 1,
    name,
    policy: policyNamed(policy) ?? "siblings",
    n,
  }));
}

/** No name is empty, so `default` comes before all others. */
function rank(name: string): string {
  return name === "default" ? "" : name;
}
