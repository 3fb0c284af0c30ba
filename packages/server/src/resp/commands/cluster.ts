/** CLUSTER: the view that clients of Redis Cluster steer by. */
import { SLOTS, slotOf, type MemberId, type MemberInfo, type SlotRange } from "@kvorum/core";
import { argument } from "../arguments.ts";
import type { SlotRun } from "../cluster-view.ts";
import { command, type Command } from "../command.ts";
import type { ReplySlot } from "../reply-slot.ts";
import type { ReplyWriter } from "../reply-writer.ts";
import type { Face, Session } from "../session.ts";
import { container } from "../subcommands.ts";
import { COUNT_KEYS_IN_SLOT, GET_KEYS_IN_SLOT } from "./slot-keys.ts";

const flags: readonly string[] = ["loading", "stale"];
const group = "cluster";

export const CLUSTER_COMMAND: Command = container({
  name: "cluster",
  arity: -2,
  group,
  since: "3.0.0",
  summary: "Where slots live",
  subcommands: [
    COUNT_KEYS_IN_SLOT,
    GET_KEYS_IN_SLOT,
    command({
      name: "cluster|info",
      arity: 2,
      flags,
      group,
      since: "3.0.0",
      summary: "Return how the cluster is",
      run(session, slot) {
        slot.begin().verbatim(infoText(session.face));
        slot.end();
      },
    }),
    command({
      name: "cluster|keyslot",
      arity: 3,
      flags,
      group,
      since: "3.0.0",
      summary: "Return the slot of a key",
      run: (_session, slot, args) => slot.integer(slotOf(argument(args, 2))),
    }),
    command({
      name: "cluster|myid",
      arity: 2,
      flags,
      group,
      since: "3.0.0",
      summary: "Return this member's node ID",
      run: ({ face }, slot) => slot.text(face.cluster.nodeId(face.member.id)),
    }),
    command({
      name: "cluster|nodes",
      arity: 2,
      flags,
      group,
      since: "3.0.0",
      summary: "Return the members, each with the slots that it is the master of",
      run(session, slot) {
        slot.begin().verbatim(nodesText(session.face));
        slot.end();
      },
    }),
    command({
      name: "cluster|shards",
      arity: 2,
      flags,
      group,
      since: "7.0.0",
      summary: "Return the slots with their members, those with the same members together",
      run: replyShards,
    }),
    command({
      name: "cluster|slots",
      arity: 2,
      flags,
      group,
      since: "3.0.0",
      summary: "Return the slots with their members",
      run: replySlots,
    }),
  ],
});

function replySlots({ face }: Session, slot: ReplySlot): void {
  const runs = face.cluster.runs();
  const out = slot.begin();
  out.array(runs.length);
  for (const { first, last, members } of runs) {
    out.array(2 + members.length);
    out.integer(first);
    out.integer(last);
    for (const info of members) {
      out.array(4);
      out.text(info.resp.host);
      out.integer(info.resp.port);
      out.text(face.cluster.nodeId(info.id));
      out.map(0);
    }
  }
  slot.end();
}

function replyShards({ face }: Session, slot: ReplySlot): void {
  const all = face.cluster.shards();
  const out = slot.begin();
  out.array(all.length);
  for (const { members, runs } of all) {
    out.map(2);
    out.text("slots");
    out.array(2 * runs.length);
    for (const { first, last } of runs) {
      out.integer(first);
      out.integer(last);
    }
    out.text("nodes");
    out.array(members.length);
    for (const [position, info] of members.entries()) writeNode(face, out, info, position === 0);
  }
  slot.end();
}

function writeNode(face: Face, out: ReplyWriter, info: MemberInfo, isMaster: boolean): void {
  out.map(7);
  out.text("id");
  out.text(face.cluster.nodeId(info.id));
  out.text("port");
  out.integer(info.resp.port);
  out.text("ip");
  out.text(info.resp.host);
  out.text("endpoint");
  out.text(info.resp.host);
  out.text("role");
  out.text(isMaster ? "master" : "replica");
  out.text("replication-offset");
  out.integer(0);
  out.text("health");
  out.text(face.member.reachable(info.id) ? "online" : "fail");
}

/** Every member is a master here: each is the first home of some slots, and a replica of others. */
function nodesText({ member, cluster }: Face): string {
  const ranges = rangesByMaster(cluster.runs());
  const lines = member.topology.members.map((info) => {
    const address = `${info.resp.host}:${info.resp.port}@${info.peer.port}`;
    const reachable = member.reachable(info.id);
    const role = info.id === member.id ? "myself,master" : reachable ? "master" : "master,fail";
    const link = reachable ? "connected" : "disconnected";
    const state = `${cluster.nodeId(info.id)} ${address} ${role} - 0 0 ${member.topology.epoch} ${link}`;
    const slots = (ranges.get(info.id) ?? []).map(({ first, last }) =>
      first === last ? String(first) : `${first}-${last}`,
    );
    return [state, ...slots].join(" ");
  });
  return `${lines.join("\n")}\n`;
}

/** Neighbouring runs with the same master make one range, whoever the replicas are. */
function rangesByMaster(runs: readonly SlotRun[]): Map<MemberId, SlotRange[]> {
  const ranges = new Map<MemberId, SlotRange[]>();
  for (const { first, last, members } of runs) {
    const [master] = members;
    if (master === undefined) continue;
    const own = ranges.get(master.id) ?? [];
    ranges.set(master.id, own);
    const before = own.at(-1);
    if (before !== undefined && before.last + 1 === first)
      own[own.length - 1] = { first: before.first, last };
    else own.push({ first, last });
  }
  return ranges;
}

function infoText({ member, cluster }: Face): string {
  const ok = cluster.slotsOk();
  const masters = new Set(cluster.runs().map(({ members }) => members[0]?.id));
  const lines = [
    `cluster_state:${ok === SLOTS ? "ok" : "fail"}`,
    `cluster_slots_assigned:${SLOTS}`,
    `cluster_slots_ok:${ok}`,
    "cluster_slots_pfail:0",
    `cluster_slots_fail:${SLOTS - ok}`,
    `cluster_known_nodes:${member.topology.members.length}`,
    `cluster_size:${masters.size}`,
    `cluster_current_epoch:${member.topology.epoch}`,
    `cluster_my_epoch:${member.topology.epoch}`,
  ];
  return `${lines.join("\r\n")}\r\n`;
}
