/** What a comparison of all homes of all keys came to, for people and for programs. */
import type { DifferenceRow } from "./admin-copies.ts";
import { jsonKey, shownBytes } from "./printable.ts";
import { table } from "./table.ts";

const SHOWN_CHARS_MAX = 40;

interface Difference extends DifferenceRow {
  readonly namespace: string;
}

/** What a walk through all keys came to. */
export interface Verdict {
  readonly namespaces: readonly string[];
  keys: number;
  compared: number;
  different: number;
  readonly differences: Difference[];
  /** By member: why it could not be asked. */
  readonly unasked: Map<number, string>;
}

/** Whether every home answered for every key, and nothing differed. */
export function isWhole({ keys, compared, different, unasked }: Verdict): boolean {
  return different === 0 && compared === keys && unasked.size === 0;
}

export function verdictJson(
  { keys, compared, different, differences, unasked }: Verdict,
  names: Names,
): unknown {
  return {
    keys,
    compared,
    different,
    unreachable: unasked.size,
    differences: differences.map(({ namespace, key, groups, missing, damaged }) => {
      return { namespace, ...jsonKey(key), groups, missing, damaged };
    }),
    unasked: [...unasked].map(([member, code]) => ({ member, name: nameOf(names, member), code })),
  };
}

type Names = ReadonlyMap<number, string>;

function nameOf(names: Names, member: number): string {
  return names.get(member) ?? String(member);
}

export function verdictText(verdict: Verdict, names: Names): string {
  const { namespaces, keys, compared, different, differences, unasked } = verdict;
  const list = (members: readonly number[]): string => members.map((id) => nameOf(names, id)).join(", ");
  const of = `${keys} keys of ${namespaces.join(", ")}`;
  const lines = [
    isWhole(verdict)
      ? `${of}: all homes hold the same.\n`
      : `${of}: ${compared} compared at all homes, ${different} differ.\n`,
  ];
  if (differences.length > 0) {
    const rows = differences.map(({ namespace, key, groups, missing, damaged }) => [
      namespace,
      shownBytes(key, SHOWN_CHARS_MAX),
      groups.map(list).join(" | "),
      list(missing),
      list(damaged),
    ]);
    lines.push("\n", table(["namespace", "key", "hold the same", "missing at", "damaged at"], rows));
    if (different > differences.length) lines.push(`and ${different - differences.length} more\n`);
  }
  for (const [member, code] of unasked)
    lines.push(`${nameOf(names, member)} could not be asked about all: ${code}; see: kvorum status\n`);
  return lines.join("");
}
