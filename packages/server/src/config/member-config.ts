/** Everything that one member process needs to know before it starts. */
import type { Address, Limits, MemberId, Topology } from "@kvorum/core";
import type { ClientLimits } from "../resp/limits.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface MemberConfig {
  readonly self: MemberId;
  readonly topology: Topology;
  readonly limits: Limits;
  readonly clients: ClientLimits;
  /** Whether FLUSHALL and FLUSHDB delete every key. */
  readonly allowFlush: boolean;
  /** Absolute. */
  readonly dir: string;
  /** Where this member listens; every host is a loopback one. */
  readonly listen: Listeners;
  /** Where to dial a member instead of at the address that the topology names: a proxy can be put between. */
  readonly peerOverrides: ReadonlyMap<MemberId, Address>;
  readonly logLevel: LogLevel;
  /** A command that takes at least so long is logged; 0: none is. */
  readonly slowRequestMs: number;
}

export interface Listeners {
  readonly peer: Address;
  readonly resp: Address;
  readonly http: Address;
}

/** One mistake in a configuration. */
export interface ConfigProblem {
  /** Such as `members[2].peer`; empty when it concerns the whole. */
  readonly path: string;
  /** From 1; null when the place is not known. */
  readonly line: number | null;
  readonly text: string;
}

/** A configuration that cannot be used, with every mistake found. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(source: string, problems: readonly ConfigProblem[]) {
    super(problems.map((problem) => problemText(source, problem)).join("\n"));
    this.name = "ConfigError";
    this.problems = problems;
  }
}

function problemText(source: string, { path, line, text }: ConfigProblem): string {
  const place = line === null ? source : `${source}:${line}`;
  return path === "" ? `${place}: ${text}` : `${place}: ${path}: ${text}`;
}
