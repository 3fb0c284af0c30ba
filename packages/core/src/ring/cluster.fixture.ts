/** Clusters to place partitions in, for the tests of this folder. */
import fc from "fast-check";
import type { MemberInfo } from "../model/member.ts";
import type { Topology } from "../model/topology.ts";
import { allocate } from "./allocator.ts";
import { candidatesOf } from "./domains.ts";

export interface Place {
  readonly host: string;
  readonly zone: string;
  readonly weight: number;
}

export function memberAt(id: number, { host, zone, weight }: Place): MemberInfo {
  const address = (port: number) => ({ host: `10.0.0.${id % 256}`, port });
  const addresses = { peer: address(7600), resp: address(7400), http: address(7500) };
  return { id, name: `member-${id}`, host, zone, region: "local", weight, ...addresses };
}

/** A topology around what the allocator makes. */
export function topologyOf(
  members: readonly MemberInfo[],
  partitions: number,
  n: number,
  fallbacksMax: number,
): Topology {
  const placed = allocate({ members: candidatesOf(members), partitions, n, fallbacksMax });
  return {
    cluster: "test",
    epoch: 1,
    members,
    namespaces: [{ id: 1, name: "default", policy: "siblings", n }],
    replicas: placed.replicas,
    preferenceLists: placed.lists,
    digest: new Uint8Array(16),
  };
}

/** Uneven in every way: some hosts shared, zones of different sizes, ids with gaps. */
export function clusters(membersMax: number, weightMax: number): fc.Arbitrary<MemberInfo[]> {
  const place = fc.record({
    gap: fc.constantFrom(1, 1, 1, 50),
    sameHost: fc.boolean(),
    zone: fc.nat(5),
    weight: fc.integer({ min: 1, max: weightMax }),
  });
  const shape = fc.record({
    zones: fc.integer({ min: 1, max: 6 }),
    shareHosts: fc.boolean(),
    places: fc.array(place, { minLength: 1, maxLength: membersMax, size: "max" }),
  });
  return shape.map(({ zones, shareHosts, places }) => {
    let id = 0;
    let at: Place = { host: "", zone: "", weight: 1 };
    return places.map(({ gap, sameHost, zone, weight }) => {
      id += gap;
      const stay = at.host !== "" && shareHosts && sameHost;
      at = stay ? { ...at, weight } : { host: `host-${id}`, zone: `zone-${zone % zones}`, weight };
      return memberAt(id, at);
    });
  });
}
