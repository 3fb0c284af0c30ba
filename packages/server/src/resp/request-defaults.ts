/** What a connection's requests ask for when they do not say: `KV.DEFAULTS` changes it. */
import { ALL, QUORUM, type Durability, type FallbackUse, type Limits } from "@kvorum/core";

export interface RequestDefaults {
  /** Homes that must answer a read: 1 or more, `QUORUM` or `ALL`. */
  readonly r: number;
  /** Homes that must acknowledge a write: 1 or more, `QUORUM` or `ALL`. */
  readonly w: number;
  readonly durability: Durability;
  readonly fallbacks: FallbackUse;
  readonly timeoutMs: number;
}

/** What every connection begins with. */
export function firstDefaults(limits: Limits): RequestDefaults {
  return {
    r: QUORUM,
    w: QUORUM,
    durability: "fsync",
    fallbacks: "allow",
    timeoutMs: limits.timeoutMsDefault,
  };
}

/** R or W in the word or number that the options take. */
export function homesText(homes: number): string {
  if (homes === QUORUM) return "quorum";
  return homes === ALL ? "all" : String(homes);
}
