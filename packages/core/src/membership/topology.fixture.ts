/** Small topologies for tests: everybody is a home of everything. */
import type { MemberId, MemberInfo } from "../model/member.ts";
import type { Topology } from "../model/topology.ts";
import { topologyDigest, topologyText } from "../ring/topology-text.ts";

function memberInfo(id: MemberId): MemberInfo {
  const address = (port: number) => ({ host: "127.0.0.1", port });
  const place = { host: `host-${id}`, zone: `zone-${id}`, region: "local", weight: 100 };
  const ports = { peer: address(7600 + id), resp: address(7400 + id), http: address(7500 + id) };
  return { id, name: `member-${id}`, ...place, ...ports };
}

export function topologyOf(members: readonly MemberId[], cluster = "test"): Topology {
  const homes = members.slice(0, 3);
  const topology = {
    cluster,
    epoch: 1,
    members: members.map(memberInfo),
    namespaces: [{ id: 1, name: "default", policy: "siblings" as const, n: 3 }],
    replicas: homes.length,
    preferenceLists: Array.from({ length: 16 }, () => ({ homes, fallbacks: [] })),
  };
  return { ...topology, digest: topologyDigest(topologyText(topology)) };
}
