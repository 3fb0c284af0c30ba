/**
 * KV.ADMIN verb: what the command line asks. The answer is one bulk of JSON, built here from what the member says of
 * itself; the types of the answers are exported for whoever reads them.
 */
import {
  dotText,
  homesOf,
  partitionOfSlot,
  slotOf,
  slotsOfPartition,
  type AcceptorView,
  type Bytes,
  type Explanation,
  type MemberApi,
  type MemberId,
  type MemberStatus,
  type NamespaceId,
  type PreferenceList,
  type Topology,
} from "@kvorum/core";
import type { HostStatus } from "../../observability/host-status.ts";
import { argument, latin1, utf8 } from "../arguments.ts";
import { defaultNamespace } from "../cluster-view.ts";
import { command, type Command } from "../command.ts";
import { wrongArity } from "../dispatch.ts";
import type { ReplySlot } from "../reply-slot.ts";
import type { Face, FaceStats, Session } from "../session.ts";
import { adminBudget } from "./admin-budget.ts";
import { exchangesOf, hintsOf, replyJson, replyPartitions, replyVerified } from "./admin-copies.ts";

/** `KV.ADMIN MEMBERS` answers an array of these. Addresses are `host:port`. */
export interface AdminMember {
  readonly id: MemberId;
  readonly name: string;
  readonly host: string;
  readonly zone: string;
  readonly region: string;
  readonly weight: number;
  readonly peer: string;
  readonly resp: string;
  readonly http: string;
  readonly reachable: boolean;
  /** Whether it is the member that answers. */
  readonly self: boolean;
}

/** Partitions `first .. last` with the same homes in the same order, and their slots. */
export interface AdminRun {
  readonly firstPartition: number;
  readonly lastPartition: number;
  readonly firstSlot: number;
  readonly lastSlot: number;
  readonly homes: readonly MemberId[];
  readonly fallbacks: readonly MemberId[];
}

/** `KV.ADMIN RING`. */
export interface AdminRing {
  readonly cluster: string;
  readonly epoch: number;
  readonly partitions: number;
  readonly replicas: number;
  readonly members: readonly { id: MemberId; name: string; homes: number; firstHomes: number }[];
  readonly runs: readonly AdminRun[];
}

/** `KV.ADMIN RING key`. */
export interface AdminPlace {
  readonly key: string;
  readonly slot: number;
  readonly partition: number;
  readonly homes: readonly MemberId[];
  readonly fallbacks: readonly MemberId[];
  /** The first home that can be reached; 0 when none can. */
  readonly coordinator: MemberId;
  readonly epoch: number;
}

/** `KV.ADMIN NAMESPACES` answers an array of these. */
export interface AdminNamespace {
  readonly id: number;
  readonly name: string;
  readonly policy: string;
  readonly n: number;
}

/** `KV.ADMIN EXPLAIN key`. Dots are `member.start.clock`; `expiryMs` 0: never. */
export interface AdminExplanation extends AdminPlace {
  readonly equal: boolean;
  readonly views: readonly {
    readonly member: MemberId;
    readonly name: string;
    readonly code: string;
    readonly versions: readonly { dot: string; kind: string; expiryMs: number }[];
    readonly context: readonly string[];
    /** Null: it did not say. */
    readonly acceptor: AcceptorView | null;
  }[];
}

/** `KV.ADMIN STATUS`. */
export type AdminStatus = MemberStatus & {
  readonly release: string;
  readonly process: HostStatus;
  readonly clients: FaceStats;
};

interface Verb {
  /** Whether one more word follows. `many`: it reads for itself what comes after it. */
  readonly word: "never" | "maybe" | "always" | "many";
  run(session: Session, slot: ReplySlot, word: Bytes | null, words: readonly Bytes[]): void;
}

const VERBS: ReadonlyMap<string, Verb> = new Map<string, Verb>([
  ["STATUS", { word: "never", run: ({ face }, slot) => replyJson(slot, statusOf(face)) }],
  ["MEMBERS", { word: "never", run: ({ face }, slot) => replyJson(slot, membersOf(face.member)) }],
  ["NAMESPACES", { word: "never", run: ({ face }, slot) => replyJson(slot, namespacesOf(face.member)) }],
  [
    "RING",
    {
      word: "maybe",
      run: ({ face, namespace }, slot, key) =>
        replyJson(slot, key === null ? ringOf(face.member) : placeOf(face.member, namespace, key)),
    },
  ],
  ["EXPLAIN", { word: "always", run: explain }],
  ["EXCHANGES", { word: "never", run: ({ face }, slot) => replyJson(slot, exchangesOf(face.member)) }],
  ["HINTS", { word: "never", run: ({ face }, slot) => replyJson(slot, hintsOf(face.member)) }],
  ["PARTITIONS", { word: "maybe", run: replyPartitions }],
  ["VERIFY", { word: "maybe", run: replyVerified }],
  ["BUDGET", { word: "many", run: ({ face }, slot, _word, words) => budget(face.member, slot, words) }],
]);

export const ADMIN_COMMAND: Command = command({
  name: "kv.admin",
  arity: -2,
  flags: ["admin"],
  group: "kvorum",
  summary: `What the command line asks, answered in JSON: ${[...VERBS.keys()].join(", ")}`,
  run: admin,
});

function admin(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  const name = latin1(argument(args, 1).subarray(0, 64)).toUpperCase();
  const verb = VERBS.get(name);
  const word = args[2] ?? null;
  if (verb === undefined) {
    slot.error(`ERR unknown KV.ADMIN verb '${name}'; known are ${[...VERBS.keys()].join(", ")}`);
  } else if (verb.word === "many") {
    verb.run(session, slot, null, args.slice(2));
  } else if (args.length > 3 || (verb.word === "never" && word !== null)) {
    slot.error(wrongArity(`kv.admin|${name.toLowerCase()}`));
  } else if (verb.word === "always" && word === null) {
    slot.error(wrongArity(`kv.admin|${name.toLowerCase()}`));
  } else {
    verb.run(session, slot, word, []);
  }
}

/** `KV.ADMIN BUDGET` answers the budget as it is in the status. */
function budget(member: MemberApi, slot: ReplySlot, words: readonly Bytes[]): void {
  const { error, status } = adminBudget(member, words);
  if (status === null) slot.error(error);
  else replyJson(slot, status);
}

function statusOf({ member, release, host, stats }: Face): AdminStatus {
  return { ...member.status(), release, process: host(), clients: stats };
}

function membersOf(member: MemberApi): AdminMember[] {
  return member.topology.members.map((info) => ({
    id: info.id,
    name: info.name,
    host: info.host,
    zone: info.zone,
    region: info.region,
    weight: info.weight,
    peer: `${info.peer.host}:${info.peer.port}`,
    resp: `${info.resp.host}:${info.resp.port}`,
    http: `${info.http.host}:${info.http.port}`,
    reachable: member.reachable(info.id),
    self: info.id === member.id,
  }));
}

function namespacesOf({ topology }: MemberApi): AdminNamespace[] {
  return topology.namespaces.map(({ id, name, policy, n }) => ({ id, name, policy, n }));
}

function ringOf({ topology }: MemberApi): AdminRing {
  const { cluster, epoch, replicas, preferenceLists } = topology;
  const partitions = preferenceLists.length;
  return {
    cluster,
    epoch,
    partitions,
    replicas,
    members: sharesOf(topology),
    runs: adminRunsOf(preferenceLists),
  };
}

function adminRunsOf(lists: readonly PreferenceList[]): AdminRun[] {
  const runs: AdminRun[] = [];
  for (const [partition, { homes, fallbacks }] of lists.entries()) {
    const { first, last } = slotsOfPartition(partition, lists.length);
    const before = runs.at(-1);
    if (before !== undefined && sameIds(before.homes, homes) && sameIds(before.fallbacks, fallbacks)) {
      runs[runs.length - 1] = { ...before, lastPartition: partition, lastSlot: last };
    } else {
      const place = { firstPartition: partition, lastPartition: partition, firstSlot: first, lastSlot: last };
      runs.push({ ...place, homes, fallbacks });
    }
  }
  return runs;
}

/** Of how many partitions each member is a home, and the first home. */
function sharesOf({ members, preferenceLists }: Topology): AdminRing["members"] {
  const homes = new Map<MemberId, number>();
  const firstHomes = new Map<MemberId, number>();
  for (const list of preferenceLists) {
    for (const id of list.homes) homes.set(id, (homes.get(id) ?? 0) + 1);
    const first = list.homes[0] ?? 0;
    firstHomes.set(first, (firstHomes.get(first) ?? 0) + 1);
  }
  return members.map(({ id, name }) => {
    return { id, name, homes: homes.get(id) ?? 0, firstHomes: firstHomes.get(id) ?? 0 };
  });
}

function placeOf(member: MemberApi, namespace: NamespaceId, key: Bytes): AdminPlace {
  const { topology } = member;
  const slot = slotOf(key);
  const partition = partitionOfSlot(slot, topology.preferenceLists.length);
  const { n } = topology.namespaces.find(({ id }) => id === namespace) ?? defaultNamespace(topology);
  const homes = homesOf(topology, n, partition);
  const fallbacks = topology.preferenceLists[partition]?.fallbacks ?? [];
  const coordinator = homes.find((id) => member.reachable(id)) ?? 0;
  return { key: utf8(key), slot, partition, homes, fallbacks, coordinator, epoch: topology.epoch };
}

function explain({ face, namespace }: Session, slot: ReplySlot, key: Bytes | null): void {
  const { member } = face;
  if (key === null) return;
  if (key.length > member.limits.keyBytesMax) {
    slot.error(
      `TOOLARGE key is ${key.length} bytes, the limit is ${member.limits.keyBytesMax} (keyBytesMax)`,
    );
    return;
  }
  slot.explain(member, namespace, key, member.limits.timeoutMsDefault, (waiting, explanation) => {
    replyJson(waiting, explanationOf(member, key, explanation));
  });
}

function explanationOf({ topology }: MemberApi, key: Bytes, explanation: Explanation): AdminExplanation {
  const names = new Map(topology.members.map(({ id, name }) => [id, name]));
  const { slot, partition, homes, fallbacks, coordinator, epoch, equal } = explanation;
  const views = explanation.views.map(({ member, code, versions, context, acceptor }) => ({
    member,
    name: names.get(member) ?? "",
    code,
    versions: versions.map(({ dot, kind, expiryMs }) => ({ dot: dotText(dot), kind, expiryMs })),
    context: context.map(dotText),
    acceptor,
  }));
  return { key: utf8(key), slot, partition, homes, fallbacks, coordinator, epoch, equal, views };
}

function sameIds(a: readonly MemberId[], b: readonly MemberId[]): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i]);
}
