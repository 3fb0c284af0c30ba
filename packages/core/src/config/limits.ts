/**
 * Every bound of a member stands here, with the relations between them asserted at start. Units are last in each
 * name. A limit that is reached ends in a definite error that names it.
 */
import { assert } from "../base/assert.ts";

export interface Limits {
  readonly keyBytesMax: number;
  readonly valueBytesMax: number;
  /** Live versions of one record, tombstones included; at the bound a write is refused, a merge never. */
  readonly siblingsMax: number;
  /** Runs that one record's context may name; as above. */
  readonly contextEntriesMax: number;
  /** A whole record; a write that would exceed it is refused. */
  readonly recordBytesMax: number;
  readonly ttlMsMax: number;
  readonly membersMax: number;
  readonly namespacesMax: number;
  readonly replicasMax: number;
  readonly partitionsMin: number;
  readonly partitionsMax: number;
  readonly fallbacksMax: number;

  /** One frame between members. */
  readonly frameBytesMax: number;
  /** Records at least this large travel on the bulk link. */
  readonly bulkBytesMin: number;
  /** Bytes for one peer that the network has not taken; beyond it the peer counts as not reachable. */
  readonly peerUnsentBytesMax: number;
  /** Operations that one member coordinates at a time, appends that wait for its disk, reads that wait for it. */
  readonly operationsMax: number;
  /** Conditional writes that wait for one key, at its coordinator. */
  readonly conditionalQueueMax: number;
  /** Keys whose next ballot a coordinator remembers, so that it need not prepare. */
  readonly proposersMax: number;
  /** Of what acceptors know of keys, in memory. */
  readonly acceptorCacheBytesMax: number;
  /** Writes that wait until one damaged record has been replaced; more are refused. */
  readonly healWaitersMax: number;
  /** Bytes of records that wait for the disk. */
  readonly pendingBytesMax: number;

  /** Rows that a home looks at for one page of a scan, and bytes that it reads for it (a row at least). */
  readonly scanPageRowsMax: number;
  readonly scanPageBytesMax: number;
  /** Rounds of pages after which one call of a scan ends where it is. */
  readonly scanRoundsMax: number;
  /** Keys of one slot and hash that one call of a scan keeps in hand. */
  readonly scanBucketKeysMax: number;
  /** Scans that one member coordinates at a time, and pages that it reads for them at a time. */
  readonly scansMax: number;
  /** Counts of keys that one member runs at a time, for itself and for its peers. */
  readonly countsMax: number;

  readonly timeoutMsDefault: number;
  readonly timeoutMsMax: number;
  /** A read that is not answered by then asks the other homes too. */
  readonly readHedgeMs: number;
  readonly pingEveryMs: number;
  /** A peer that has answered nothing for this long is passed over until it answers again. */
  readonly suspectAfterMs: number;
  readonly handshakeMsMax: number;
  readonly redialMsMin: number;
  readonly redialMsMax: number;

  readonly maxClockDriftMs: number;
  /** How far ahead the clock's ceiling is reserved; a restart may jump ahead by as much. */
  readonly clockReserveMs: number;

  readonly valueCacheBytesMax: number;
  readonly contextCacheEntriesMax: number;
  /** Below this much free disk a member takes no new writes. */
  readonly diskReserveBytes: number;

  /** How often the sums of slots at rest are written; what changed since is read again after a crash. */
  readonly treeWriteEveryMs: number;
  /** In this time a member compares its trees with those of every peer with which it shares partitions. */
  readonly exchangeEveryMs: number;

  /** Keys that a member repairs at a time because a read found homes behind; 0: none. */
  readonly readRepairsMax: number;
  /** In this time a member reads all its records, to find damage before anybody needs them; 0: never. */
  readonly scrubPassMs: number;
  /** What a member does in the background, per second: at least and at most. */
  readonly backgroundOpsMin: number;
  readonly backgroundOpsMax: number;
  readonly backgroundBytesMax: number;
  /** Background work is halved while requests are slower than this at their 99th percentile, or timers later. */
  readonly backgroundP99Ms: number;
  readonly backgroundLateMs: number;

  /** Hints for one member, of each kind (0: hints are off), and bytes of them; beyond it a home counts, and a fallback refuses. */
  readonly hintsMax: number;
  readonly hintBytesMax: number;
  /** The same for all members together and of both kinds: what they take of this one's memory and disk. */
  readonly hintsTotalMax: number;
  readonly hintBytesTotalMax: number;
  /** Hints that are on their way to one member at a time. */
  readonly hintsInFlightMax: number;
  /** Hints that go on failing are tried again after so long, at first and at most. */
  readonly hintRetryMsMin: number;
  readonly hintRetryMsMax: number;
  /** A hint older than this is alarmed. */
  readonly hintAgeMsMax: number;
  /** A home that has not acknowledged a write by then may be replaced by a fallback. */
  readonly fallbackAfterMs: number;

  /** How long an entry of the conflict ledger is kept, if there is room. */
  readonly conflictRetentionMs: number;
  /** Room of one member's conflict ledger. */
  readonly conflictBytesMax: number;
  readonly conflictEntriesMax: number;
  /** A larger value is in the ledger by its length and digest only. */
  readonly conflictValueBytesMax: number;
  /** Entries of one answer. */
  readonly conflictPageMax: number;
}

export const DEFAULT_LIMITS: Limits = {
  keyBytesMax: 4 * 1024,
  valueBytesMax: 1024 * 1024,
  siblingsMax: 64,
  contextEntriesMax: 1024,
  recordBytesMax: 9 * 1024 * 1024,
  ttlMsMax: 100 * 366 * 24 * 3600 * 1000,
  membersMax: 1000,
  namespacesMax: 1000,
  replicasMax: 7,
  partitionsMin: 16,
  partitionsMax: 16_384,
  fallbacksMax: 3,

  frameBytesMax: 64 * 1024 * 1024,
  bulkBytesMin: 64 * 1024,
  peerUnsentBytesMax: 16 * 1024 * 1024,
  operationsMax: 32_768,
  conditionalQueueMax: 4_096,
  proposersMax: 16_384,
  acceptorCacheBytesMax: 16 * 1024 * 1024,
  healWaitersMax: 256,
  pendingBytesMax: 128 * 1024 * 1024,

  scanPageRowsMax: 1_000,
  scanPageBytesMax: 1024 * 1024,
  scanRoundsMax: 24,
  scanBucketKeysMax: 1_024,
  scansMax: 128,
  countsMax: 16,

  timeoutMsDefault: 5_000,
  timeoutMsMax: 60_000,
  readHedgeMs: 25,
  pingEveryMs: 100,
  suspectAfterMs: 600,
  handshakeMsMax: 5_000,
  redialMsMin: 50,
  redialMsMax: 1_000,

  maxClockDriftMs: 10_000,
  clockReserveMs: 3_000,

  valueCacheBytesMax: 64 * 1024 * 1024,
  contextCacheEntriesMax: 200_000,
  diskReserveBytes: 256 * 1024 * 1024,

  treeWriteEveryMs: 60_000,
  exchangeEveryMs: 10_000,

  readRepairsMax: 64,
  scrubPassMs: 7 * 24 * 3600 * 1000,
  backgroundOpsMin: 200,
  backgroundOpsMax: 10_000,
  backgroundBytesMax: 64 * 1024 * 1024,
  backgroundP99Ms: 25,
  backgroundLateMs: 30,

  hintsMax: 100_000,
  hintBytesMax: 256 * 1024 * 1024,
  hintsTotalMax: 400_000,
  hintBytesTotalMax: 1024 * 1024 * 1024,
  hintsInFlightMax: 64,
  hintRetryMsMin: 100,
  hintRetryMsMax: 30_000,
  hintAgeMsMax: 3600 * 1000,
  fallbackAfterMs: 300,

  conflictRetentionMs: 7 * 24 * 3600 * 1000,
  conflictBytesMax: 64 * 1024 * 1024,
  conflictEntriesMax: 65_536,
  conflictValueBytesMax: 64 * 1024,
  conflictPageMax: 100,
};

/** No configuration may raise a value above this, whatever it says. */
export const VALUE_BYTES_CEILING = 8 * 1024 * 1024;

/** Asserts the relations that the rest of the code relies on; call it wherever limits are put together. */
export function checkLimits(limits: Limits): Limits {
  assert(limits.valueBytesMax <= VALUE_BYTES_CEILING, "valueBytesMax is at most 8 MiB");
  assert(limits.recordBytesMax > limits.valueBytesMax + 64 * 1024, "a record holds a value and its context");
  assert(
    limits.frameBytesMax > limits.replicasMax * limits.recordBytesMax,
    "what every home may add to one record still fits in a frame",
  );
  assert(limits.keyBytesMax <= 65_000, "keys carry a u16 length");
  assert(
    limits.conflictBytesMax > 16 * (limits.conflictValueBytesMax + limits.keyBytesMax),
    "the conflict ledger holds a number of entries",
  );
  assert(limits.hintsInFlightMax >= 1, "hints can be delivered");
  assert(
    limits.hintRetryMsMin >= 1 && limits.hintRetryMsMin <= limits.hintRetryMsMax,
    "retries are in order",
  );
  assert(limits.suspectAfterMs >= 3 * limits.pingEveryMs, "a peer is suspected after several missed pings");
  assert(limits.redialMsMin <= limits.redialMsMax, "redial bounds are in order");
  assert(limits.clockReserveMs < limits.maxClockDriftMs, "a restart may not look like clock drift");
  assert(limits.scanPageRowsMax <= 65_535, "the rows of a page travel as a u16");
  assert(
    limits.scanRoundsMax <= 30 && 1 << limits.scanRoundsMax >= limits.partitionsMax,
    "a scan that doubles its steps crosses an empty ring in one call",
  );
  assert(limits.timeoutMsDefault <= limits.timeoutMsMax, "the default timeout is allowed");
  assert(
    limits.backgroundOpsMin >= 1 && limits.backgroundOpsMax >= 1 && limits.backgroundBytesMax >= 1,
    "background work always goes on",
  );
  assert(
    limits.readRepairsMax <= limits.operationsMax / 8,
    "repairs leave the operations that they are for most of the room",
  );
  assert(
    limits.operationsMax <= 65_536 / 2,
    "operations have 16-bit slots, and the member itself needs some",
  );
  return limits;
}
