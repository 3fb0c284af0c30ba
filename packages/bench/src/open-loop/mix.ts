/** What requests do: the mixes of YCSB. */
import type { Random } from "@kvorum/core";

/** `modify` reads a key, then writes it; its latency is that of both. */
export type RequestKind = "read" | "write" | "modify";

export interface Mix {
  readonly name: MixName;
  /** Per cent; what is left is `rest`. */
  readonly reads: number;
  readonly rest: "write" | "modify";
}

/** YCSB A, B and F. */
export const MIX_NAMES = ["50/50", "95/5", "modify"] as const;

export type MixName = (typeof MIX_NAMES)[number];

export const MIXES: Readonly<Record<MixName, Mix>> = {
  "50/50": { name: "50/50", reads: 50, rest: "write" },
  "95/5": { name: "95/5", reads: 95, rest: "write" },
  modify: { name: "modify", reads: 50, rest: "modify" },
};

export function drawKind({ reads, rest }: Mix, random: Random): RequestKind {
  return random.u32() % 100 < reads ? "read" : rest;
}
