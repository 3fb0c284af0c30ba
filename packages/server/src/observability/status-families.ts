/**
 * What a member says of itself, as Prometheus names it. The status is walked, not listed: a counter that somebody
 * adds to it is a metric without a word here, and one line in `HELP` makes it a well described one.
 *
 * - `counters.secondRounds` becomes `kvorum_second_rounds_total`.
 * - `counters.failures`, numbers under codes, becomes `kvorum_failures_total{code="QUORUM"}`.
 * - `storage.journalBytes` becomes the gauge `kvorum_storage_journal_bytes`; times in ms become seconds.
 * - `peers[].roundTripMs` becomes `kvorum_peer_round_trip_seconds{peer="member-2"}`.
 * - `upkeep.exchanges[].repaired` becomes `kvorum_exchange_repaired_total{peer="member-2"}`.
 */
import type { MemberStatus } from "@kvorum/core";
import { entriesOf, family, numberOf, single, type Family, type Kind, type Sample } from "./family.ts";

/** Paths of numbers outside `counters` that only grow. */
const GROWING = new Set([
  "budget.bytes",
  "budget.halvings",
  "budget.operations",
  "caches.hits",
  "caches.misses",
  "clock.driftRefusals",
  "conflicts.noted",
  "conflicts.overflowed",
  "hints.delivered",
  "hints.dropped",
  "hints.noted",
  "hints.refused",
  "scrub.bytes",
  "scrub.damaged",
  "scrub.keys",
  "scrub.passes",
  "scrub.unreadable",
  "storage.rounds",
  "storage.syncs",
  "upkeep.exchanges.bytes",
  "upkeep.exchanges.different",
  "upkeep.exchanges.exchanges",
  "upkeep.exchanges.repaired",
]);

/** What the items of a list are the names of, where the list is not called so. */
const LABELS: Readonly<Record<string, string>> = { exchanges: "peer" };

const HELP: Readonly<Record<string, string>> = {
  epoch: "The epoch of the topology that the member serves under",
  "budget.bytes": "Bytes of background work, by what it was for",
  "budget.bytesRate": "Bytes per second that background work may come to now",
  "budget.bytesRateMax": "Bytes per second that background work may come to at most",
  "budget.foregroundTailMs":
    "99th percentile of the latest requests that this member coordinated, as the background sees it",
  "budget.halvings": "How often background work was halved because requests or timers were late",
  "budget.operations": "Operations of background work, by what they were for",
  "budget.operationsRate": "Operations per second that background work may take now",
  "budget.operationsRateMax": "Operations per second that background work may take at most",
  "budget.waiting": "Operations of background work that wait for their turn",
  "caches.entries": "Records whose contexts are cached",
  "caches.hits": "Reads of a record that the cache answered",
  "caches.misses": "Reads of a record that had to ask the engine",
  "caches.valueBytes": "Bytes of cached values",
  "clock.driftRefusals": "Clock readings of others that were too far ahead to be taken over",
  "clock.nowMs": "The member's clock, by which expiry is judged",
  "clock.suspended": "1 while the clock is too far ahead of the peers' and this member coordinates no writes",
  "conflicts.bytes": "Bytes of the conflict ledger",
  "conflicts.counted": "1 once the entries that were there at the start have been counted",
  "conflicts.entries": "Entries of the conflict ledger",
  "conflicts.noted": "Entries that were written into the conflict ledger",
  "conflicts.oldestMs":
    "When the oldest entry of the conflict ledger was noted, since 1970; 0 when there is none",
  "conflicts.overflowed": "Entries of the conflict ledger that had to go before their time, for want of room",
  "counters.damagedRecords": "Records that were read and failed their checksum",
  "counters.deletes": "Deletes that clients asked of this member",
  "counters.conditionals": "Conditional writes and serial reads that clients asked of this member",
  "counters.divergentReads": "Reads whose homes did not hold the same",
  "counters.failures": "Requests that ended in this code, at this member",
  "counters.forwarded": "Writes that were forwarded to a home of their key",
  "counters.gets": "Reads that clients asked of this member",
  "counters.puts": "Writes that clients asked of this member",
  "counters.readRepairs": "Keys that were repaired after a read had found homes behind",
  "counters.readRepairsFailed": "Such repairs that did not reach every home that was behind",
  "counters.readRepairsSkipped": "Such repairs that there was no room or no background budget for",
  "counters.secondRounds": "Overwrites that had to cover what other homes held",
  "hints.bytes": "Bytes of hints on disk",
  "hints.copies": "Records that are kept here in place of homes",
  "hints.delivered": "Hints whose targets have them durably",
  "hints.dropped": "References that found no room; exchanges find what they were for",
  "hints.noted": "Hints that were written",
  "hints.oldestMs": "Age of the oldest hint; 0 when there is none",
  "hints.references": "Records of this member that another home may lack, once for each home",
  "hints.refused": "Writes that this member was to keep in place of a home, and had no room for",
  "inFlight.operations": "Requests under way",
  "inFlight.pendingAppends": "Records that wait for the disk",
  "inFlight.pendingBytes": "Bytes of records that wait for the disk",
  "inFlight.waitingReads": "Reads that wait for the disk",
  "peers.clockOffsetMs": "The peer's clock minus ours at the last exchange",
  "peers.roundTripMs": "Smoothed round trip to the peer; 0 when not known",
  "scrub.bytes": "Bytes of records that the scrub has read",
  "scrub.damaged": "Damaged records that the scrub has met",
  "scrub.keys": "Records that the scrub has read",
  "scrub.open": "Damaged records that the scrub has met and that are not right yet",
  "scrub.passEndedMs": "When the scrub had last read all records, since 1970; 0 before that",
  "scrub.passes": "How often the scrub has read all records",
  "scrub.slot": "Where the scrub is, of 16,384 slots",
  "scrub.unreadable": "Ranges that the scrub could not read and has passed over",
  "storage.engineLag": "Journal rounds whose batch the engine has not taken yet",
  "storage.journalBytes": "Bytes of the journal",
  "storage.journalSegments": "Files of the journal",
  "storage.queuedAppends": "Appends that wait for a journal round or for the one in flight",
  "storage.rounds": "Rounds of the journal",
  "storage.syncs": "Rounds of the journal that were fsynced",
  "upkeep.exchangeEveryMs": "In this time the turn of each peer comes for an exchange",
  "upkeep.exchanges.bytes": "Bytes of sums, heads and records that exchanges with the peer took, both ways",
  "upkeep.exchanges.different": "Keys that differed in an exchange with the peer",
  "upkeep.exchanges.exchanges": "Exchanges with the peer that this member began",
  "upkeep.exchanges.oldestProofMs":
    "Since when some partition shared with the peer has not been proven the same; at most since the start",
  "upkeep.exchanges.partitions": "Partitions of which the peer is a home too",
  "upkeep.exchanges.proven": "Those of them that were proven the same since the start",
  "upkeep.exchanges.repaired": "Keys that differed from what the peer holds and were made the same",
  "upkeep.slotsUnknown": "Slots whose sums are being found out; meanwhile this member begins no exchange",
};

/** Every number in the status; what is text stands in `kvorum_member_info` and in the states of the peers. */
export function statusFamilies(status: MemberStatus): Family[] {
  const families: Family[] = [infoFamily(status), stateFamily(status)];
  for (const [section, content] of entriesOf(status)) {
    if (section === "id") continue;
    families.push(...treeFamilies([section], content));
  }
  return families;
}

function infoFamily({ name, cluster, state, topologyDigest }: MemberStatus): Family {
  const labels = { member: name, cluster, state, digest: topologyDigest };
  return family(["memberInfo"], "gauge", "Always 1; the labels say who this is", [{ labels, value: 1 }]);
}

const PEER_STATES = ["up", "suspect", "down", "refused"] as const;

function stateFamily({ peers }: MemberStatus): Family {
  const samples = peers.flatMap(({ name, state }) =>
    PEER_STATES.map((each) => ({ labels: { peer: name, state: each }, value: each === state ? 1 : 0 })),
  );
  return family(["peerState"], "gauge", "1 for the state that the link to the peer is in", samples);
}

function treeFamilies(path: readonly string[], content: unknown): Family[] {
  const value = numberOf(content);
  if (value !== null) return [single(shortened(path), kindOf(path), helpOf(path), value)];
  if (Array.isArray(content)) return listFamilies(path, content);
  if (!isObject(content)) return [];
  // Numbers under names that are data, such as codes of failures, are one family with a label.
  if (path.length > 1) {
    const label = path[0] === "budget" ? "claim" : "code";
    const samples = samplesOf(label, entriesOf(content));
    return [family(shortened(path), kindOf(path), helpOf(path), samples)];
  }
  return entriesOf(content).flatMap(([key, inner]) => treeFamilies([...path, key], inner));
}

/** A list of things with names, such as peers: a family for each of their numbers, with the name as its label. */
function listFamilies(path: readonly string[], list: readonly unknown[]): Family[] {
  const section = path.at(-1) ?? "";
  const one = section.replace(/s$/, "");
  const label = LABELS[section] ?? one;
  const samples = new Map<string, Sample[]>();
  for (const item of list) {
    if (!isObject(item) || typeof item["name"] !== "string") continue;
    for (const [key, content] of entriesOf(item)) {
      const value = key === "id" || key === "peer" ? null : numberOf(content);
      if (value === null) continue;
      const known = samples.get(key) ?? [];
      known.push({ labels: { [label]: item["name"] }, value });
      samples.set(key, known);
    }
  }
  return [...samples].map(([key, found]) => {
    const own = [...path, key];
    return family(key === section ? [key] : [one, key], kindOf(own), helpOf(own), found);
  });
}

function samplesOf(label: string, entries: readonly (readonly [string, unknown])[]): Sample[] {
  return entries.flatMap(([key, content]) => {
    const value = numberOf(content);
    return value === null ? [] : [{ labels: { [label]: key }, value }];
  });
}

function kindOf(path: readonly string[]): Kind {
  return path[0] === "counters" || GROWING.has(path.join(".")) ? "counter" : "gauge";
}

/** Counters need no word that says so twice. */
function shortened(path: readonly string[]): readonly string[] {
  return path[0] === "counters" ? path.slice(1) : path;
}

function helpOf(path: readonly string[]): string {
  return HELP[path.join(".")] ?? `${path.join(".")} of the status`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
