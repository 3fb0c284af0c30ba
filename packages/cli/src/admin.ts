/** What members answer to `KV.ADMIN`, read with care: the field names are those of the server's admin answers. */
import { readUpkeep, type UpkeepRow } from "./admin-copies.ts";
import { booleanOf, listOf, numberOf, objectOf, stringOf, type JsonObject } from "./json.ts";

export interface MemberRow {
  readonly id: number;
  readonly name: string;
  readonly host: string;
  readonly zone: string;
  readonly region: string;
  readonly weight: number;
  readonly peer: string;
  readonly resp: string;
  readonly http: string;
  readonly reachable: boolean;
}

export function readMembers(value: unknown): MemberRow[] {
  return listOf(value, "members", (item, what) => {
    const row = objectOf(item, what);
    return {
      id: numberOf(row["id"], `${what}.id`),
      name: stringOf(row["name"], `${what}.name`),
      host: stringOf(row["host"], `${what}.host`),
      zone: stringOf(row["zone"], `${what}.zone`),
      region: stringOf(row["region"], `${what}.region`),
      weight: numberOf(row["weight"], `${what}.weight`),
      peer: stringOf(row["peer"], `${what}.peer`),
      resp: stringOf(row["resp"], `${what}.resp`),
      http: stringOf(row["http"], `${what}.http`),
      reachable: booleanOf(row["reachable"], `${what}.reachable`),
    };
  });
}

export interface PeerRow {
  readonly name: string;
  readonly state: string;
  readonly reason: string;
  readonly roundTripMs: number;
  readonly clockOffsetMs: number;
}

export interface StatusRow {
  readonly state: string;
  readonly cluster: string;
  readonly epoch: number;
  readonly topologyDigest: string;
  readonly peers: readonly PeerRow[];
  readonly journalBytes: number;
  readonly gets: number;
  /** Deletes included. */
  readonly puts: number;
  readonly failures: number;
  readonly damagedRecords: number;
  /** Entries of the conflict ledger that went before their time; 0 when it does not say. */
  readonly conflictsOverflowed: number;
  readonly clockSuspended: boolean;
  /** Null for a member of a release that does not say. */
  readonly upkeep: UpkeepRow | null;
  /** Empty when it does not say. */
  readonly release: string;
  /** Null for a member of a release that does not say. */
  readonly process: ProcessRow | null;
}

export interface ProcessRow {
  readonly uptimeMs: number;
  readonly residentBytes: number;
  readonly diskFreeBytes: number;
  readonly diskTotalBytes: number;
  /** Null before it has been measured. */
  readonly dataBytes: number | null;
}

export function readStatus(value: unknown): StatusRow {
  const status = objectOf(value, "status");
  const counters = objectOf(status["counters"], "counters");
  const failures = Object.values(objectOf(counters["failures"], "failures"));
  const { release, conflicts } = status;
  return {
    state: stringOf(status["state"], "state"),
    cluster: stringOf(status["cluster"], "cluster"),
    epoch: numberOf(status["epoch"], "epoch"),
    topologyDigest: stringOf(status["topologyDigest"], "topologyDigest"),
    peers: listOf(status["peers"], "peers", readPeer),
    journalBytes: numberOf(objectOf(status["storage"], "storage")["journalBytes"], "journalBytes"),
    gets: numberOf(counters["gets"], "gets"),
    puts: numberOf(counters["puts"], "puts") + numberOf(counters["deletes"], "deletes"),
    failures: failures.reduce<number>((sum, count) => sum + numberOf(count, "failures"), 0),
    damagedRecords: numberOf(counters["damagedRecords"], "damagedRecords"),
    conflictsOverflowed: conflicts === undefined ? 0 : overflowedOf(conflicts),
    clockSuspended: booleanOf(objectOf(status["clock"], "clock")["suspended"], "suspended"),
    upkeep: status["upkeep"] === undefined ? null : readUpkeep(status["upkeep"]),
    release: release === undefined ? "" : stringOf(release, "release"),
    process: status["process"] === undefined ? null : readProcess(status["process"]),
  };
}

function overflowedOf(conflicts: unknown): number {
  return numberOf(objectOf(conflicts, "conflicts")["overflowed"], "overflowed");
}

function readPeer(value: unknown, what: string): PeerRow {
  const peer = objectOf(value, what);
  return {
    name: stringOf(peer["name"], `${what}.name`),
    state: stringOf(peer["state"], `${what}.state`),
    reason: stringOf(peer["reason"], `${what}.reason`),
    roundTripMs: numberOf(peer["roundTripMs"], `${what}.roundTripMs`),
    clockOffsetMs: numberOf(peer["clockOffsetMs"], `${what}.clockOffsetMs`),
  };
}

function readProcess(value: unknown): ProcessRow {
  const row = objectOf(value, "process");
  const { dataBytes } = row;
  return {
    uptimeMs: numberOf(row["uptimeMs"], "uptimeMs"),
    residentBytes: numberOf(row["residentBytes"], "residentBytes"),
    diskFreeBytes: numberOf(row["diskFreeBytes"], "diskFreeBytes"),
    diskTotalBytes: numberOf(row["diskTotalBytes"], "diskTotalBytes"),
    dataBytes: dataBytes === null ? null : numberOf(dataBytes, "dataBytes"),
  };
}

export interface RingRow {
  readonly cluster: string;
  readonly epoch: number;
  readonly partitions: number;
  readonly replicas: number;
  readonly members: readonly { readonly id: number; readonly homes: number; readonly firstHomes: number }[];
  readonly runs: readonly {
    readonly first: number;
    readonly last: number;
    readonly homes: readonly number[];
  }[];
}

export function readRing(value: unknown): RingRow {
  const ring = objectOf(value, "ring");
  return {
    cluster: stringOf(ring["cluster"], "cluster"),
    epoch: numberOf(ring["epoch"], "epoch"),
    partitions: numberOf(ring["partitions"], "partitions"),
    replicas: numberOf(ring["replicas"], "replicas"),
    members: listOf(ring["members"], "members", (item, what) => {
      const member = objectOf(item, what);
      return {
        id: numberOf(member["id"], `${what}.id`),
        homes: numberOf(member["homes"], `${what}.homes`),
        firstHomes: numberOf(member["firstHomes"], `${what}.firstHomes`),
      };
    }),
    runs: listOf(ring["runs"], "runs", (item, what) => {
      const run = objectOf(item, what);
      return {
        first: numberOf(run["firstPartition"], `${what}.firstPartition`),
        last: numberOf(run["lastPartition"], `${what}.lastPartition`),
        homes: listOf(run["homes"], `${what}.homes`, numberOf),
      };
    }),
  };
}

export interface PlaceRow {
  readonly slot: number;
  readonly partition: number;
  readonly homes: readonly number[];
  readonly fallbacks: readonly number[];
  /** 0 when no home can be reached. */
  readonly coordinator: number;
  readonly epoch: number;
}

export function readPlace(value: unknown): PlaceRow {
  return placeOf(objectOf(value, "place"));
}

function placeOf(place: JsonObject): PlaceRow {
  return {
    slot: numberOf(place["slot"], "slot"),
    partition: numberOf(place["partition"], "partition"),
    homes: listOf(place["homes"], "homes", numberOf),
    fallbacks: listOf(place["fallbacks"], "fallbacks", numberOf),
    coordinator: numberOf(place["coordinator"], "coordinator"),
    epoch: numberOf(place["epoch"], "epoch"),
  };
}

export interface ExplanationRow extends PlaceRow {
  readonly equal: boolean;
  readonly views: readonly ViewRow[];
}

export interface ViewRow {
  readonly member: number;
  readonly name: string;
  readonly code: string;
  readonly versions: readonly { readonly dot: string; readonly kind: string; readonly expiryMs: number }[];
  /** Null: it did not say what it has promised and accepted. */
  readonly acceptor: AcceptorRow | null;
}

export interface AcceptorRow {
  readonly promised: string;
  readonly accepted: string;
  readonly unfinished: boolean;
}

export function readExplanation(value: unknown): ExplanationRow {
  const explanation = objectOf(value, "explanation");
  return {
    ...placeOf(explanation),
    equal: booleanOf(explanation["equal"], "equal"),
    views: listOf(explanation["views"], "views", (item, what) => {
      const view = objectOf(item, what);
      return {
        member: numberOf(view["member"], `${what}.member`),
        name: stringOf(view["name"], `${what}.name`),
        code: stringOf(view["code"], `${what}.code`),
        versions: listOf(view["versions"], `${what}.versions`, (inner, which) => {
          const version = objectOf(inner, which);
          return {
            dot: stringOf(version["dot"], `${which}.dot`),
            kind: stringOf(version["kind"], `${which}.kind`),
            expiryMs: numberOf(version["expiryMs"], `${which}.expiryMs`),
          };
        }),
        acceptor: view["acceptor"] === null ? null : readAcceptor(view["acceptor"], `${what}.acceptor`),
      };
    }),
  };
}

function readAcceptor(value: unknown, what: string): AcceptorRow {
  const acceptor = objectOf(value, what);
  return {
    promised: stringOf(acceptor["promised"], `${what}.promised`),
    accepted: stringOf(acceptor["accepted"], `${what}.accepted`),
    unfinished: booleanOf(acceptor["unfinished"], `${what}.unfinished`),
  };
}

export interface NamespaceRow {
  readonly id: number;
  readonly name: string;
  readonly policy: string;
  readonly n: number;
}

export function readNamespaces(value: unknown): NamespaceRow[] {
  return listOf(value, "namespaces", (item, what) => {
    const namespace = objectOf(item, what);
    return {
      id: numberOf(namespace["id"], `${what}.id`),
      name: stringOf(namespace["name"], `${what}.name`),
      policy: stringOf(namespace["policy"], `${what}.policy`),
      n: numberOf(namespace["n"], `${what}.n`),
    };
  });
}
