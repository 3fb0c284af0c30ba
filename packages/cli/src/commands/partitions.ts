/** `kvorum partitions`: what lies in each partition, at each of its homes, and when they were last proven the same. */
import type { Command } from "commander";
import { readPartitions, type PartitionRow } from "../admin-copies.ts";
import { askAdmin } from "../ask.ts";
import { ADMIN_MS, noAnswer, tellEach, type Told } from "../each-member.ts";
import { EXIT, type ExitCode } from "../failure.ts";
import { withCommonOptions, type CommonOptions } from "../options.ts";
import { serversToAsk } from "../servers.ts";
import { table } from "../table.ts";
import { printJson, type Terminal } from "../terminal.ts";
import { bytesText, durationText } from "../units.ts";

/** A partition as all of its homes that answered see it. */
export interface SeenPartition {
  readonly partition: number;
  readonly homes: readonly number[];
  readonly copies: readonly {
    readonly member: number;
    readonly slots: number;
    readonly slotsKnown: number;
    readonly keys: number;
    readonly bytes: number;
  }[];
  /** For each pair the younger proof of the two; null: neither has one. */
  readonly proofs: readonly { readonly between: readonly [number, number]; readonly ageMs: number | null }[];
}

export function addPartitions(program: Command, terminal: Terminal, done: (code: ExitCode) => void): void {
  withCommonOptions(program.command("partitions"))
    .description("keys and bytes of each partition at its homes, and when these were last proven the same")
    .action(async (options: CommonOptions) => {
      const servers = serversToAsk({ server: options.server ?? null, dir: options.dir, env: terminal.env });
      const told = await tellEach(servers, pagesOf);
      const seen = seenPartitions(told);
      const silent = told.filter(({ answer }) => answer === null);
      if (options.json === true) {
        const unanswered = silent.map((each) => ({ member: each.member.id, error: noAnswer(each) }));
        printJson(terminal, { partitions: seen, unanswered });
      } else {
        const lines = silent.map((each) => `${each.member.name}: ${noAnswer(each)}\n`);
        terminal.out(`${table(HEAD, seen.map(rowOf))}${lines.join("")}`);
      }
      done(silent.length === 0 ? EXIT.yes : EXIT.no);
    });
}

async function pagesOf(server: string): Promise<PartitionRow[]> {
  const rows: PartitionRow[] = [];
  for (let next: number | null = 0; next !== null;) {
    const { value } = await askAdmin([server], ADMIN_MS, "PARTITIONS", [String(next)]);
    const page = readPartitions(value);
    rows.push(...page.partitions);
    next = page.next;
  }
  return rows;
}

export function seenPartitions(told: readonly Told<readonly PartitionRow[]>[]): SeenPartition[] {
  const byPartition = new Map<number, { readonly member: number; readonly row: PartitionRow }[]>();
  for (const { member, answer } of told) {
    for (const row of answer ?? []) {
      const known = byPartition.get(row.partition) ?? [];
      known.push({ member: member.id, row });
      byPartition.set(row.partition, known);
    }
  }
  const seen = [...byPartition].map(([partition, views]) => {
    const homes = views[0]?.row.homes ?? [];
    const copies = views
      .toSorted((a, b) => homes.indexOf(a.member) - homes.indexOf(b.member))
      .map(({ member, row: { slots, slotsKnown, keys, bytes } }) => {
        return { member, slots, slotsKnown, keys, bytes };
      });
    return { partition, homes, copies, proofs: proofsOf(homes, views) };
  });
  return seen.toSorted((a, b) => a.partition - b.partition);
}

function proofsOf(
  homes: readonly number[],
  views: readonly { readonly member: number; readonly row: PartitionRow }[],
): SeenPartition["proofs"] {
  const ids = homes.toSorted((a, b) => a - b);
  const pairs = ids.flatMap((one, i) => ids.slice(i + 1).map((other) => [one, other] as const));
  return pairs.map(([one, other]) => {
    const ages = views.flatMap(({ member, row }) => {
      if (member !== one && member !== other) return [];
      const peer = member === one ? other : one;
      return row.proofs.flatMap((proof) =>
        proof.peer === peer && proof.ageMs !== null ? [proof.ageMs] : [],
      );
    });
    return { between: [one, other], ageMs: ages.length === 0 ? null : Math.min(...ages) };
  });
}

const HEAD = ["partition", "homes", "keys", "bytes", "slots known", "last proofs"];

function rowOf({ partition, homes, copies, proofs }: SeenPartition): string[] {
  return [
    String(partition),
    homes.join(" "),
    eachOnce(copies.map(({ keys }) => String(keys))),
    eachOnce(copies.map(({ bytes }) => bytesText(bytes))),
    eachOnce(copies.map(({ slots, slotsKnown }) => `${slotsKnown} of ${slots}`)),
    proofs
      .map(({ between, ageMs }) => `${between.join("-")} ${ageMs === null ? "none" : durationText(ageMs)}`)
      .join(", "),
  ];
}

/** One for all homes where they are the same, else in the order of the homes. */
function eachOnce(texts: readonly string[]): string {
  return new Set(texts).size === 1 ? (texts[0] ?? "") : texts.join(" / ");
}
