/** From the text of a `kvorum.yaml` to the configuration of one member, or every mistake in it, with its line. */
import { resolve } from "node:path";
import {
  checkLimits,
  DEFAULT_LIMITS,
  formTopology,
  type Address,
  type MemberInfo,
  type Topology,
} from "@kvorum/core";
import { limitProblems, respLimits } from "../resp/limits.ts";
import { isLoopback } from "../resp/loopback.ts";
import { addressText } from "./address.ts";
import { shapeProblems } from "./issue-text.ts";
import { ConfigError, type ConfigProblem, type Listeners, type MemberConfig } from "./member-config.ts";
import { nearest } from "./nearest.ts";
import { configSchema, type ConfigShape } from "./schema.ts";
import { readYaml } from "./yaml-source.ts";

export interface ConfigText {
  /** What to call it in messages: the path of the file. */
  readonly source: string;
  readonly text: string;
  /** What a relative `dir` of the file starts from. */
  readonly baseDir: string;
  /** Absolute; comes before the file's own `dir`. */
  readonly dir?: string;
}

type LineOf = (path: readonly PropertyKey[]) => number | null;

/** Throws `ConfigError`. */
export function parseConfig(input: ConfigText): MemberConfig {
  const { source } = input;
  if (input.text.trim() === "") {
    throw new ConfigError(source, [
      { path: "", line: null, text: "is empty; name the cluster and list its members" },
    ]);
  }
  const yaml = readYaml(input.text);
  if (!yaml.ok) throw new ConfigError(source, yaml.problems);
  const checked = configSchema.safeParse(yaml.value, { reportInput: true });
  if (!checked.success) {
    throw new ConfigError(
      source,
      shapeProblems(checked.error.issues).map(({ path, text }) => problemAt(path, text, yaml.lineOf)),
    );
  }
  return compose(checked.data, input, yaml.lineOf);
}

function compose(shape: ConfigShape, input: ConfigText, lineOf: LineOf): MemberConfig {
  const problems: ConfigProblem[] = [];
  const topology = topologyOf(shape, problems);
  const self = selfOf(shape, problems, lineOf);
  const listen = self === null ? null : listenersOf(shape, self, problems, lineOf);
  const peerOverrides = overridesOf(shape, problems, lineOf);
  const dir = input.dir ?? (shape.dir === undefined ? null : resolve(input.baseDir, shape.dir));
  if (dir === null)
    problems.push({ path: "dir", line: null, text: "is missing; give it here or as --dir DIR" });
  const limits = checkLimits({ ...DEFAULT_LIMITS, fallbacksMax: shape.fallbacksMax, ...shape.limits });
  const { clients, allowFlush } = shape;
  for (const { limit, text } of limitProblems(limits, { ...respLimits(limits), ...clients }))
    problems.push(problemAt(["clients", limit], text, lineOf));
  if (topology === null || self === null || listen === null || dir === null || problems.length > 0) {
    throw new ConfigError(input.source, problems);
  }
  const { level: logLevel, slowRequestMs } = shape.log;
  const own = { limits, clients, allowFlush, dir, listen, peerOverrides, logLevel, slowRequestMs };
  return { self: self.id, topology, ...own };
}

function topologyOf(shape: ConfigShape, problems: ConfigProblem[]): Topology | null {
  const named = shape.namespaces.some((namespace) => namespace.name === "default");
  const implied = named ? [] : [{ name: "default", policy: "siblings", n: 3 }];
  const formed = formTopology({
    cluster: shape.cluster,
    members: shape.members,
    namespaces: [...implied, ...shape.namespaces],
    partitions: shape.partitions,
    fallbacksMax: shape.fallbacksMax,
  });
  if (formed.ok) return formed.topology;
  problems.push(...formed.problems.map((text) => ({ path: "", line: null, text })));
  return null;
}

function selfOf(shape: ConfigShape, problems: ConfigProblem[], lineOf: LineOf): MemberInfo | null {
  const { self, members } = shape;
  const only = members.length === 1 ? members[0] : undefined;
  const found = self === undefined ? only : members.find(({ id, name }) => id === self || name === self);
  if (found !== undefined) return found;
  const names = members.map(({ name }) => name);
  const meant = typeof self === "string" ? nearest(self, names) : null;
  const hint = meant === null ? `the members are ${names.slice(0, 9).join(", ")}` : `did you mean ${meant}?`;
  const text =
    self === undefined ? "is missing: which of the members is this one?" : `${self} is not a member; ${hint}`;
  problems.push(problemAt(["self"], text, lineOf));
  return null;
}

function listenersOf(
  shape: ConfigShape,
  self: MemberInfo,
  problems: ConfigProblem[],
  lineOf: LineOf,
): Listeners {
  const index = shape.members.findIndex(({ id }) => id === self.id);
  const one = (face: keyof Listeners): Address => {
    const own = shape.listen[face];
    const address = own ?? self[face];
    if (!isLoopback(address.host)) {
      const path = own === undefined ? ["members", index, face] : ["listen", face];
      problems.push(problemAt(path, notLoopbackText(address), lineOf));
    }
    return address;
  };
  return { peer: one("peer"), resp: one("resp"), http: one("http") };
}

function notLoopbackText(address: Address): string {
  return (
    `${addressText(address)} can be reached from other machines, and a listener without authentication and TLS ` +
    `(which this release does not have) stays on this one; use 127.0.0.1 or [::1], if need be under "listen"`
  );
}

function overridesOf(shape: ConfigShape, problems: ConfigProblem[], lineOf: LineOf): Map<number, Address> {
  const overrides = new Map<number, Address>();
  const names = shape.members.map(({ name }) => name);
  for (const [name, address] of Object.entries(shape.peerOverrides)) {
    const member = shape.members.find((candidate) => candidate.name === name);
    if (member !== undefined) overrides.set(member.id, address);
    else {
      const meant = nearest(name, names);
      const hint = meant === null ? "" : `; did you mean ${meant}?`;
      problems.push(problemAt(["peerOverrides", name], `is not a member${hint}`, lineOf));
    }
  }
  return overrides;
}

function problemAt(path: readonly PropertyKey[], text: string, lineOf: LineOf): ConfigProblem {
  return { path: pathText(path), line: lineOf(path), text };
}

/** Such as `members[2].peer`; items count from 0, as YAML has no better name for them. */
function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    return text === "" ? String(step) : `${text}.${String(step)}`;
  }, "");
}
