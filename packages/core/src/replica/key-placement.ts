/** Where the keys of each namespace live, and what becomes of their concurrent writes: a topology, looked up by key. */
import type { Bytes } from "../base/bytes.ts";
import type { MemberId } from "../model/member.ts";
import type { ConflictPolicy, NamespaceId, NamespaceInfo } from "../model/namespace.ts";
import type { Topology } from "../model/topology.ts";
import { homesOf, partitionOfSlot, preferenceListOf } from "../ring/placement.ts";
import { namespaceOfRecordKey, slotOfRecordKey } from "../storage/keyspace.ts";

const NOWHERE: readonly MemberId[] = [];

export class KeyPlacement {
  readonly #topology: Topology;
  readonly #namespaces: ReadonlyMap<NamespaceId, NamespaceInfo>;

  constructor(topology: Topology) {
    this.#topology = topology;
    this.#namespaces = new Map(topology.namespaces.map((namespace) => [namespace.id, namespace]));
  }

  /** Null: the topology has no such namespace. */
  namespace(id: NamespaceId): NamespaceInfo | null {
    return this.#namespaces.get(id) ?? null;
  }

  policyOf(namespace: NamespaceId): ConflictPolicy {
    return this.#namespaces.get(namespace)?.policy ?? "siblings";
  }

  /** None in a namespace that the topology does not have. */
  homesOf(namespace: NamespaceId, slot: number): readonly MemberId[] {
    const info = this.#namespaces.get(namespace);
    if (info === undefined) return NOWHERE;
    return homesOf(this.#topology, info.n, partitionOfSlot(slot, this.#topology.preferenceLists.length));
  }

  /** Those that may stand in for homes of a slot, in order. */
  fallbacksOf(slot: number): readonly MemberId[] {
    return preferenceListOf(this.#topology, slot).fallbacks;
  }

  homesOfRecordKey(storageKey: Bytes): readonly MemberId[] {
    return this.homesOf(namespaceOfRecordKey(storageKey), slotOfRecordKey(storageKey));
  }

  isHome(member: MemberId, storageKey: Bytes): boolean {
    return this.homesOfRecordKey(storageKey).includes(member);
  }

  /** Whether this member is a fallback of a record's key, and the target one of its homes. */
  standsInFor(member: MemberId, target: MemberId, storageKey: Bytes): boolean {
    const isFallback = this.fallbacksOf(slotOfRecordKey(storageKey)).includes(member);
    return isFallback && this.isHome(target, storageKey);
  }
}
