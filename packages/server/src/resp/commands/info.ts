/** INFO: the sections that tools read, in Redis's form. */
import { cpuUsage, memoryUsage, pid, platform, version } from "node:process";
import { availableParallelism, arch } from "node:os";
import type { Bytes } from "@kvorum/core";
import { latin1 } from "../arguments.ts";
import { defaultNamespace } from "../cluster-view.ts";
import { command, type Command } from "../command.ts";
import type { ReplySlot } from "../reply-slot.ts";
import type { Face, Session } from "../session.ts";
import { commandStats, errorReplies, errorStats, latencyStats } from "./info-statistics.ts";
import { REDIS_VERSION } from "./redis-version.ts";

export type InfoLine = readonly [name: string, value: string | number];
type Section = (face: Face) => readonly InfoLine[];

export const INFO_COMMAND: Command = command({
  name: "info",
  arity: -1,
  flags: ["loading", "stale"],
  group: "server",
  summary: "How this member is, in sections",
  run: info,
});

const SECTIONS: ReadonlyMap<string, Section> = new Map<string, Section>([
  ["Server", server],
  ["Clients", clients],
  ["Memory", memory],
  ["Persistence", persistence],
  ["Stats", stats],
  ["Replication", replication],
  ["CPU", cpu],
  ["Commandstats", ({ statistics }) => commandStats(statistics.commands())],
  ["Errorstats", ({ statistics }) => errorStats(statistics.commands())],
  ["Latencystats", ({ statistics }) => latencyStats(statistics.commands())],
  ["Cluster", () => [["cluster_enabled", 1]]],
  ["Kvorum", kvorum],
]);

/** Sections that only those get who ask for them or for all. */
const LONG = new Set(["Commandstats", "Latencystats"]);
const ALL_WORDS: readonly string[] = ["all", "everything"];

function info(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  const wanted = new Set(args.slice(1).map((word) => latin1(word.subarray(0, 64)).toLowerCase()));
  const all = ALL_WORDS.some((word) => wanted.has(word));
  const usual = all || wanted.size === 0 || wanted.has("default");
  const texts: string[] = [];
  for (const [name, section] of SECTIONS) {
    const isWanted = LONG.has(name) ? all : usual;
    if (isWanted || wanted.has(name.toLowerCase())) texts.push(sectionText(name, section(session.face)));
  }
  // Counting keys asks every member, so it is done only for who asks for it by name.
  if (wanted.has("keyspace")) {
    session.face.counts.ask(session, slot, (waiting, keys) => {
      replyTexts(waiting, [...texts, sectionText("Keyspace", keyspace(keys))]);
    });
  } else {
    replyTexts(slot, texts);
  }
}

/** In Redis's form, since clients take it apart. How many of them end some time is not counted. */
function keyspace(keys: number): readonly InfoLine[] {
  return keys === 0 ? [] : [["db0", `keys=${keys},expires=0,avg_ttl=0`]];
}

function sectionText(name: string, lines: readonly InfoLine[]): string {
  return `# ${name}\r\n${lines.map(([field, value]) => `${field}:${value}\r\n`).join("")}`;
}

function replyTexts(slot: ReplySlot, texts: readonly string[]): void {
  slot.begin().verbatim(texts.join("\r\n"));
  slot.end();
}

function server(face: Face): readonly InfoLine[] {
  const uptimeSeconds = Math.floor((Date.now() - face.startedMs) / 1000);
  return [
    ["redis_version", REDIS_VERSION],
    ["redis_mode", "cluster"],
    ["server_name", "kvorum"],
    ["kvorum_version", face.release],
    ["node_version", version],
    ["os", `${platform} ${arch()}`],
    ["arch_bits", 64],
    ["process_id", pid],
    ["run_id", face.cluster.nodeId(face.member.id)],
    ["tcp_port", face.port],
    ["uptime_in_seconds", uptimeSeconds],
    ["uptime_in_days", Math.floor(uptimeSeconds / 86_400)],
    ["available_cpus", availableParallelism()],
  ];
}

function clients({ stats: counted, limits, budgets }: Face): readonly InfoLine[] {
  return [
    ["connected_clients", counted.connections],
    ["maxclients", limits.connectionsMax],
    ["unfinished_request_bytes", budgets.unfinished.bytes],
    ["in_flight_command_bytes", budgets.inFlight.bytes],
    ["unsent_reply_bytes", budgets.output.bytes],
    ["expected_value_bytes", budgets.reading.bytes],
    ["blocked_clients", 0],
  ];
}

function memory(): readonly InfoLine[] {
  const { rss, heapUsed, external } = memoryUsage();
  const used = heapUsed + external;
  return [
    ["used_memory", used],
    ["used_memory_human", human(used)],
    ["used_memory_rss", rss],
    ["used_memory_rss_human", human(rss)],
    ["maxmemory", 0],
    ["maxmemory_human", human(0)],
    ["maxmemory_policy", "noeviction"],
  ];
}

/** `loading` is what clients wait for before they send commands. */
function persistence({ member }: Face): readonly InfoLine[] {
  const { state, storage } = member.status();
  return [
    ["loading", state === "starting" ? 1 : 0],
    ["aof_enabled", 1],
    ["journal_bytes", storage.journalBytes],
    ["journal_segments", storage.journalSegments],
    ["journal_rounds", storage.rounds],
    ["journal_syncs", storage.syncs],
  ];
}

function stats({ member, statistics }: Face): readonly InfoLine[] {
  const { counters, caches } = member.status();
  const counted = statistics.face();
  return [
    ["total_connections_received", counted.connectionsReceived],
    ["rejected_connections", counted.connectionsRefused],
    ["closed_connections", counted.connectionsClosed],
    ["shed_commands", counted.commandsShed],
    ["total_commands_processed", counted.commands],
    ["total_error_replies", errorReplies(statistics.commands())],
    ["total_net_input_bytes", counted.bytesIn],
    ["total_net_output_bytes", counted.bytesOut],
    ["gets", counters.gets],
    ["puts", counters.puts],
    ["deletes", counters.deletes],
    ["conditionals", counters.conditionals],
    ["cache_hits", caches.hits],
    ["cache_misses", caches.misses],
  ];
}

/** Every member is a master to Redis's clients; copies are kept by homes, not by followers. */
function replication(): readonly InfoLine[] {
  return [
    ["role", "master"],
    ["connected_slaves", 0],
  ];
}

function cpu(): readonly InfoLine[] {
  const { user, system } = cpuUsage();
  return [
    ["used_cpu_sys", (system / 1e6).toFixed(6)],
    ["used_cpu_user", (user / 1e6).toFixed(6)],
  ];
}

function kvorum({ member }: Face): readonly InfoLine[] {
  const status = member.status();
  return [
    ["cluster_name", status.cluster],
    ["member_id", status.id],
    ["member_name", status.name],
    ["member_state", status.state],
    ["topology_epoch", status.epoch],
    ["topology_digest", status.topologyDigest],
    ["namespace", defaultNamespace(member.topology).name],
    ["members_up", 1 + status.peers.filter(({ state }) => state === "up").length],
    ["members", member.topology.members.length],
  ];
}

const UNITS = ["B", "K", "M", "G", "T"];

function human(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(2)}${UNITS[unit] ?? ""}`;
}
