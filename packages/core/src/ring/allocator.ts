/**
 * Where every partition lives, for a given set of members: a pure function, the same on every member and whatever
 * the order in which the members were listed.
 *
 * Always: the homes of a partition are on distinct members and hosts and in min(replicas, zones) distinct zones, and
 * so is every beginning of its list as far as its length goes. Homes are within 1 of each member's fair share
 * (fair-share.ts), first homes within 1 of its share of the weight, and the other homes and fallbacks of the
 * partitions that a member holds are spread over all others.
 *
 * How: shares, rounded to quotas; a layout that meets the quotas exactly, and is then mixed; first homes, the
 * order of the others, fallbacks. Each step keeps what the steps before it have made true.
 */
import { assert } from "../base/assert.ts";
import { hash32 } from "../base/hash.ts";
import { Prng } from "../base/prng.ts";
import { utf8Encode } from "../base/utf8.ts";
import type { PreferenceList } from "../model/topology.ts";
import { type Candidate, type Domains, domainsOf } from "./domains.ts";
import { fairShares } from "./fair-share.ts";
import { chooseFallbacks } from "./fallbacks.ts";
import { type Homes, layOutHomes } from "./home-layout.ts";
import { orderHomes } from "./home-order.ts";
import { quotasOf } from "./quota.ts";

/** A layout may happen to allow no fair first homes, about once in thousands of uneven clusters: then another is tried. */
const LAYOUTS = 8;

export interface AllocationInput {
  /** At least one; distinct ids; every host in one zone; whole weights from 1. */
  readonly members: readonly Candidate[];
  readonly partitions: number;
  /** Homes wanted for each partition, at least 1. */
  readonly n: number;
  readonly fallbacksMax: number;
}

export interface Allocation {
  /** Homes of each partition: `n`, or fewer when there are fewer hosts. */
  readonly replicas: number;
  readonly lists: readonly PreferenceList[];
}

export function allocate(input: AllocationInput): Allocation {
  const { partitions, n, fallbacksMax } = input;
  const domains = domainsOf(input.members);
  const { members, hosts } = domains;
  assert(
    members.length > 0 && n >= 1 && partitions >= 1,
    "there is something to place and somewhere to place it",
  );
  const replicas = Math.min(n, hosts.length);
  const prng = new Prng(seedOf(domains.members, partitions, replicas));
  const homes = placeHomes(domains, partitions, replicas, prng);
  const fallbacks = chooseFallbacks(domains, homes, replicas, fallbacksMax, prng);
  const idOf = (at: number) => members[at]?.id ?? 0;
  const lists = fallbacks.map((list, partition) => ({
    homes: Array.from(homes.subarray(partition * replicas, (partition + 1) * replicas), idOf),
    fallbacks: list.map(idOf),
  }));
  return { replicas, lists };
}

function placeHomes(domains: Domains, partitions: number, replicas: number, prng: Prng): Homes {
  const quotas = quotasOf(domains, fairShares(domains, partitions, replicas), partitions * replicas);
  for (let left = LAYOUTS; ; left--) {
    const homes = layOutHomes(domains, quotas, partitions, replicas, prng);
    if (orderHomes(domains, quotas, homes, replicas) || left === 1) return homes;
  }
}

/** From what the placement depends on, so that it is repeatable and yet different for different clusters. */
function seedOf(members: readonly Candidate[], partitions: number, replicas: number): number {
  const text = [partitions, replicas, ...members.map((member) => `${member.id}*${member.weight}`)].join(" ");
  const bytes = utf8Encode(text);
  return hash32(bytes, 0, bytes.length, 0);
}
