/**
 * The agreed topology: who the members are, which namespaces exist, and where every partition lives. It is
 * immutable; a change is a new topology with the next epoch.
 */
import type { MemberId, MemberInfo } from "./member.ts";
import type { NamespaceInfo } from "./namespace.ts";

/** Topologies are numbered from 1; 0 means none yet. */
export type Epoch = number;

/** A partition's homes in order (the first is the usual coordinator), then its fallbacks. */
export interface PreferenceList {
  readonly homes: readonly MemberId[];
  readonly fallbacks: readonly MemberId[];
}

export interface Topology {
  /** The cluster's name: 1 to 64 of `[A-Za-z0-9._-]`. */
  readonly cluster: string;
  readonly epoch: Epoch;
  /** In order of id. */
  readonly members: readonly MemberInfo[];
  /** In order of id. */
  readonly namespaces: readonly NamespaceInfo[];
  /** Homes per partition: the largest n of any namespace, or fewer when there are fewer hosts. */
  readonly replicas: number;
  /** One per partition; a power of two of them, 16 to 16,384. */
  readonly preferenceLists: readonly PreferenceList[];
  /** 16 bytes over the canonical text of everything above. */
  readonly digest: Uint8Array;
}
