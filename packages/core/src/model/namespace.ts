export type NamespaceId = number;

/**
 * What happens to concurrent versions. `siblings` keeps them all; under `lww` the highest dot stays, and every other
 * is written to the conflict ledger. Under `strong` there are none: every write is decided by a majority of the homes, and
 * reads are serial unless they say otherwise.
 */
export type ConflictPolicy = "siblings" | "lww" | "strong";

export const CONFLICT_POLICIES: readonly ConflictPolicy[] = ["siblings", "lww", "strong"];

export interface NamespaceInfo {
  /** u16, at least 1, issued by the agreed topology. */
  readonly id: NamespaceId;
  /** 1 to 64 of `[A-Za-z0-9._-]`. */
  readonly name: string;
  readonly policy: ConflictPolicy;
  /** How many homes a key of this namespace has: the first `n` of its partition's preference list. */
  readonly n: number;
}
