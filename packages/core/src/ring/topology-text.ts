/**
 * The canonical text of a topology: equal for equal topologies, whoever writes it, so that members agree when the
 * digests of their texts do, and can name the difference when they do not.
 *
 * One fact on a line, words with one space between. Nothing in a topology can hold a space, and what comes from a
 * peer is only ever split into lines and words: no depth, no escapes, no keys that somebody else chooses.
 */
import type { Bytes } from "../base/bytes.ts";
import { digest16 } from "../base/hash.ts";
import { compareTexts } from "../base/text-order.ts";
import { utf8Encode } from "../base/utf8.ts";
import type { Address, MemberInfo } from "../model/member.ts";
import type { Topology } from "../model/topology.ts";

const FORMAT = "kvorum topology 1";

export function topologyText(topology: Omit<Topology, "digest">): string {
  const lines = [
    FORMAT,
    `cluster ${topology.cluster}`,
    `epoch ${topology.epoch}`,
    `partitions ${topology.preferenceLists.length}`,
    `replicas ${topology.replicas}`,
    ...topology.members.map(memberLine),
    ...topology.namespaces.map(({ id, name, policy, n }) => `namespace ${id} ${name} ${policy} ${n}`),
    ...topology.preferenceLists.map(
      ({ homes, fallbacks }) => `list ${homes.join()} ${fallbacks.join() || "-"}`,
    ),
  ];
  return lines.join("\n");
}

function memberLine(member: MemberInfo): string {
  const { id, name, host, zone, region, weight } = member;
  const addresses = [member.peer, member.resp, member.http].map(addressWord);
  return ["member", id, name, host, zone, region, weight, ...addresses].join(" ");
}

function addressWord(address: Address): string {
  return `${address.host}:${address.port}`;
}

/** 16 bytes that are equal for equal texts. */
export function topologyDigest(text: string): Bytes {
  return digest16(utf8Encode(text));
}

/** At least as long as any text within the limits. */
const TEXT_LENGTH_MAX = 4 * 1024 * 1024;
const LINES_MAX = 32_768;
const DIFFERENCES_MAX = 20;

/**
 * What a person needs to know to make two members agree, in sentences with "here" and "there"; empty when the
 * texts are equal. `theirs` may be anything at all.
 */
export function describeDifference(mine: string, theirs: string): string[] {
  if (mine === theirs) return [];
  const here = parse(mine);
  const there = parse(theirs);
  if (here === null || there === null) {
    return [`the topology ${here === null ? "here" : "there"} is in a form that this release does not know`];
  }
  const differences = [...different("", SETTINGS, here.settings, there.settings)];
  differences.push(...differentEntries("member", MEMBER_FIELDS, here.members, there.members));
  differences.push(...differentEntries("namespace", NAMESPACE_FIELDS, here.namespaces, there.namespaces));
  // What follows is derived from the rest, so it is worth a word only when the rest is equal.
  if (differences.length === 0) differences.push(...differentPlacement(here, there));
  const more = differences.length - DIFFERENCES_MAX;
  if (more <= 0) return differences;
  return [
    ...differences.slice(0, DIFFERENCES_MAX),
    `and ${more} more ${more === 1 ? "difference" : "differences"}`,
  ];
}

const SETTINGS = ["cluster", "epoch", "partitions"];
const MEMBER_FIELDS = [
  "name",
  "host",
  "zone",
  "region",
  "weight",
  "peer address",
  "RESP address",
  "HTTP address",
];
const NAMESPACE_FIELDS = ["policy", "n"];

interface Entry {
  /** How to speak of it, such as `3 (member-3)`. */
  readonly title: string;
  readonly values: readonly string[];
}

interface Parsed {
  readonly settings: readonly string[];
  readonly replicas: string;
  /** By id. */
  readonly members: ReadonlyMap<string, Entry>;
  /** By name. */
  readonly namespaces: ReadonlyMap<string, Entry>;
  readonly namespaceIds: string;
  readonly lists: readonly string[];
}

/** Null for what this release would not have written. */
function parse(text: string): Parsed | null {
  if (text.length > TEXT_LENGTH_MAX || !text.startsWith(`${FORMAT}\n`)) return null;
  const lines = text.split("\n", LINES_MAX + 1);
  if (lines.length > LINES_MAX) return null;
  const settings = new Map<string, string>();
  const members = new Map<string, Entry>();
  const namespaces = new Map<string, Entry>();
  const namespaceIds: string[] = [];
  const lists: string[] = [];
  for (const line of lines.slice(1)) {
    const [kind = "", first = "", second = "", ...rest] = line.split(" ", 12);
    if (kind === "member" && rest.length === MEMBER_FIELDS.length - 1) {
      members.set(first, { title: `${first} (${second})`, values: [second, ...rest] });
    } else if (kind === "namespace" && rest.length === NAMESPACE_FIELDS.length) {
      namespaces.set(second, { title: second, values: rest });
      namespaceIds.push(`${first} ${second}`);
    } else if (kind === "list" && second !== "" && rest.length === 0) {
      lists.push(`homes ${first}, fallbacks ${second}`);
    } else if ([...SETTINGS, "replicas"].includes(kind) && second === "" && !settings.has(kind)) {
      settings.set(kind, first);
    } else return null;
  }
  const replicas = settings.get("replicas") ?? "";
  const values = SETTINGS.map((name) => settings.get(name) ?? "");
  return { settings: values, replicas, members, namespaces, namespaceIds: namespaceIds.join(", "), lists };
}

function differentEntries(
  kind: string,
  fields: readonly string[],
  here: ReadonlyMap<string, Entry>,
  there: ReadonlyMap<string, Entry>,
): string[] {
  const keys = [...new Set([...here.keys(), ...there.keys()])];
  const ids = keys.every((key) => /^\d+$/.test(key));
  keys.sort(ids ? (a, b) => Number(a) - Number(b) : compareTexts);
  return keys.flatMap((key) => {
    const mine = here.get(key);
    const theirs = there.get(key);
    if (mine === undefined || theirs === undefined) {
      const title = printable((mine ?? theirs)?.title ?? key);
      return [`${kind} ${title} is listed ${mine === undefined ? "there" : "here"} only`];
    }
    return different(`${kind} ${printable(key)}: `, fields, mine.values, theirs.values);
  });
}

function different(
  prefix: string,
  fields: readonly string[],
  here: readonly string[],
  there: readonly string[],
): string[] {
  return fields.flatMap((field, at) => {
    const mine = here[at] ?? "";
    const theirs = there[at] ?? "";
    return mine === theirs
      ? []
      : [`${prefix}${field} is ${printable(mine)} here, ${printable(theirs)} there`];
  });
}

function differentPlacement(here: Parsed, there: Parsed): string[] {
  const names = ["replicas", "numbering of namespaces"];
  const found = different(
    "",
    names,
    [here.replicas, here.namespaceIds],
    [there.replicas, there.namespaceIds],
  );
  const lists = Math.max(here.lists.length, there.lists.length);
  const unequal = Array.from({ length: lists }, (_, at) => at).filter(
    (at) => here.lists[at] !== there.lists[at],
  );
  const [first] = unequal;
  if (first !== undefined) {
    const mine = printable(here.lists[first] ?? "none");
    const theirs = printable(there.lists[first] ?? "none");
    found.push(
      `${unequal.length} of ${lists} partitions are placed differently, the first is partition ${first}: ${mine} here, ` +
        `${theirs} there; the two run different releases or have different fallbacksMax`,
    );
  }
  return found.length > 0 ? found : ["the same facts are listed in another order"];
}

/** Words of somebody else's, safe to show on a terminal and in a log, and not too long. */
export function printable(text: string): string {
  const shown = text.length > 100 ? `${text.slice(0, 100)}...` : text;
  return shown === "" ? "nothing" : shown.replaceAll(/[^\x20-\x7e]/g, "?");
}
