/** The ring as text: who holds how much, and the first home of each partition in order. */
import type { MemberRow, RingRow } from "./admin.ts";
import { indent, table } from "./table.ts";

const LINE = 64;
const LINES_MAX = 16;
const BAR = 20;
const signs = "123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

export function ringPicture(ring: RingRow, members: readonly MemberRow[]): string {
  const zones = new Set(members.map(({ zone }) => zone));
  const title =
    `${ring.cluster}, epoch ${ring.epoch}: ${ring.partitions} partitions, each on ${ring.replicas} homes; ` +
    `${members.length} members in ${zones.size} zones`;
  return `${title}\n\n${indent(shares(ring, members))}\n${strip(ring, members)}`;
}

/** Homes per member beside what its weight is due. */
function shares(ring: RingRow, members: readonly MemberRow[]): string {
  const weights = members.reduce((sum, { weight }) => sum + weight, 0);
  const most = Math.max(1, ...ring.members.map(({ homes }) => homes));
  const rows = members.map((member, index) => {
    const held = ring.members.find(({ id }) => id === member.id);
    const homes = held?.homes ?? 0;
    const firstHomes = held?.firstHomes ?? 0;
    // A member holds a partition once, however heavy it is.
    const due = Math.min(ring.partitions, (ring.partitions * ring.replicas * member.weight) / weights);
    return [
      signOf(index),
      member.name,
      member.zone,
      member.host,
      String(homes),
      due.toFixed(1),
      String(firstHomes),
      "#".repeat(Math.round((BAR * homes) / most)),
    ];
  });
  return table(["", "member", "zone", "host", "homes", "due", "first", ""], rows);
}

function strip(ring: RingRow, members: readonly MemberRow[]): string {
  const perSign = Math.max(1, Math.ceil(ring.partitions / (LINE * LINES_MAX)));
  let all = "";
  for (let partition = 0; partition < ring.partitions; partition += perSign) {
    const run = ring.runs.find(({ first, last }) => first <= partition && partition <= last);
    all += signOf(members.findIndex(({ id }) => id === run?.homes[0]));
  }
  const lines: string[] = [];
  for (let at = 0; at < all.length; at += LINE) {
    lines.push(`${String(at * perSign).padStart(7)}  ${all.slice(at, at + LINE)}`);
  }
  const each = perSign === 1 ? "" : `, every ${perSign}th partition`;
  return `First home of each partition${each}:\n${lines.join("\n")}\n`;
}

function signOf(index: number): string {
  return signs[index] ?? "*";
}
