/** What is wrong with a cluster, in the order in which somebody should look at it. */
import type { MemberRow, StatusRow } from "./admin.ts";
import { bytesText, durationText } from "./units.ts";

/** What one member said; `status` is null when it did not answer. */
export interface Seen {
  readonly member: MemberRow;
  readonly status: StatusRow | null;
  /** Why there is no status. */
  readonly error: string;
}

export interface Health {
  /** The cluster is not whole: requests fail, or will when one more thing happens. */
  readonly wrong: readonly string[];
  /** It is whole, and somebody should look before it is not. */
  readonly look: readonly string[];
}

/** Less than this share of the disk, or less than so much, is worth a look. */
const FREE_SHARE_MIN = 0.1;
const FREE_BYTES_MIN = 1024 ** 3;
/** A tenth of what makes members refuse each other by default. */
const CLOCK_OFFSET_MS = 1_000;

/** Turns of an exchange without a proof of everything. */
const PROOF_TURNS_MAX = 30;

export function healthOf(seen: readonly Seen[]): Health {
  return {
    wrong: [...seen.flatMap(wrongWith), ...wrongLinks(seen), ...disagreement(seen)],
    look: [...seen.flatMap(toLookAt), ...releases(seen)],
  };
}

function wrongWith({ member, status, error }: Seen): string[] {
  if (status === null) {
    return [
      error === "" ? `${member.name} does not answer at ${member.resp}` : `${member.name} answers: ${error}`,
    ];
  }
  const found: string[] = [];
  if (status.state !== "serving") found.push(`${member.name} is ${status.state}, not serving`);
  if (status.clockSuspended)
    found.push(
      `the clock of ${member.name} is too far ahead: it coordinates no writes; check time synchronisation`,
    );
  return found;
}

/** One line for each member that others do not reach, and each way in which they do not. */
function wrongLinks(seen: readonly Seen[]): string[] {
  const by = new Map<string, string[]>();
  for (const { member, status } of seen) {
    for (const { name, state, reason } of status?.peers ?? []) {
      if (state === "up") continue;
      // Why a link is down differs between members and moments; why one is refused is what must be known.
      const what = `${name} is ${state} for`;
      const why = state === "refused" ? ` (${reason})` : "";
      const key = `${what}\0${why}`;
      by.set(key, [...(by.get(key) ?? []), member.name]);
    }
  }
  return [...by].map(([key, names]) => {
    const [what = "", why = ""] = key.split("\0");
    return `${what} ${names.join(", ")}${why}`;
  });
}

/** Members that were given different lists are two clusters of one name. */
function disagreement(seen: readonly Seen[]): string[] {
  const groups = grouped(seen, ({ topologyDigest }) => topologyDigest);
  if (groups.length < 2) return [];
  const text = groups.map(({ names }) => names.join(", ")).join(" / ");
  return [`the members do not agree on the topology: ${text}; compare their configurations`];
}

function toLookAt({ member: { name }, status }: Seen): string[] {
  if (status === null) return [];
  const found: string[] = [];
  const { process, damagedRecords, conflictsOverflowed, peers } = status;
  if (process !== null) {
    const { diskFreeBytes: free, diskTotalBytes: total } = process;
    if (free < FREE_BYTES_MIN || free < FREE_SHARE_MIN * total)
      found.push(`the disk of ${name} has ${bytesText(free)} free of ${bytesText(total)}`);
  }
  if (damagedRecords > 0)
    found.push(`${name} has met ${damagedRecords} damaged records since it started; its disk may be failing`);
  if (conflictsOverflowed > 0)
    found.push(
      `the conflict ledger of ${name} overflowed: ${conflictsOverflowed} entries went before their time since it ` +
        "started; read it with kvorum conflicts",
    );
  found.push(...oldProofs(name, status));
  for (const { name: peer, state, clockOffsetMs } of peers) {
    if (state === "up" && clockOffsetMs >= CLOCK_OFFSET_MS)
      found.push(`the clock of ${peer} is ${durationText(clockOffsetMs)} ahead of that of ${name}`);
  }
  return found;
}

/** A peer that is away is told of already. */
function oldProofs(name: string, { upkeep, peers }: StatusRow): string[] {
  if (upkeep === null) return [];
  const late = upkeep.exchanges.filter(
    ({ name: peer, oldestProofMs }) =>
      oldestProofMs > PROOF_TURNS_MAX * upkeep.exchangeEveryMs &&
      peers.some((each) => each.name === peer && each.state === "up"),
  );
  return late.map(
    ({ name: peer, oldestProofMs }) =>
      `${name} and ${peer} have not been proven to hold the same for ${durationText(oldestProofMs)}; ` +
      "see kvorum exchanges",
  );
}

function releases(seen: readonly Seen[]): string[] {
  const groups = grouped(seen, ({ release }) => release);
  if (groups.length < 2) return [];
  return [
    `releases differ: ${groups.map(({ key, names }) => `${names.join(", ")} run ${key || "an older one"}`).join("; ")}`,
  ];
}

function grouped(
  seen: readonly Seen[],
  keyOf: (status: StatusRow) => string,
): { key: string; names: readonly string[] }[] {
  const groups = new Map<string, string[]>();
  for (const { member, status } of seen) {
    if (status === null) continue;
    groups.set(keyOf(status), [...(groups.get(keyOf(status)) ?? []), member.name]);
  }
  return [...groups].map(([key, names]) => ({ key, names }));
}
