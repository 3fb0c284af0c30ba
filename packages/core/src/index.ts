/** The public index of core: what servers, simulators and command lines build on. */
export { AssertionError, assert, unreachable } from "./base/assert.ts";
export { EMPTY_BYTES, bytesEqual, compareBytes, copyBytes, type Bytes } from "./base/bytes.ts";
export { OUTCOMES, outcomeOfWire, type OutcomeCode, type OutcomeInfo } from "./base/outcome.ts";
export { DEFAULT_LIMITS, VALUE_BYTES_CEILING, checkLimits, type Limits } from "./config/limits.ts";
export type {
  ConflictsPage,
  ConflictsRequest,
  ConflictsUser,
  FoundConflict,
} from "./coordinator/conflicts.ts";
export type {
  CountUser,
  ExplainUser,
  AcceptorView,
  Explanation,
  GetRequest,
  GetResult,
  GetUser,
  HomeView,
  PutRequest,
  PutResult,
  PutUser,
  ReadRepair,
  Receipt,
  ScanRequest,
  ScanResult,
  ScanUser,
} from "./coordinator/request.ts";
export type { KeyDifference, VerifyPage, VerifyRequest, VerifyUser } from "./coordinator/verify.ts";
export { SCAN_CURSOR_MAX, slotCursor } from "./coordinator/scan-cursor.ts";
export type {
  CacheStatus,
  ClockStatus,
  MemberApi,
  MemberCounters,
  MemberState,
  MemberStatus,
  PeerStatus,
} from "./member/api.ts";
export type { ExchangeStatus } from "./antientropy/exchanges.ts";
export type { PartitionStatus } from "./member/upkeep.ts";
export type { Address, MemberId, MemberInfo } from "./model/member.ts";
export {
  CONFLICT_POLICIES,
  type ConflictPolicy,
  type NamespaceId,
  type NamespaceInfo,
} from "./model/namespace.ts";
export type { Epoch, PreferenceList, Topology } from "./model/topology.ts";
export type { BudgetStatus } from "./control/budget.ts";
export type { EventFields, EventLevel, Events } from "./ports/events.ts";
export type { Durability, Storage, StorageSizes, StorageUser } from "./ports/storage.ts";
export { ALL, QUORUM } from "./quorum/needed.ts";
export {
  homesOf,
  partitionOfSlot,
  preferenceListOf,
  slotsOfPartition,
  type SlotRange,
} from "./ring/placement.ts";
export type { ConflictStatus } from "./replica/conflict-ledger.ts";
export { SLOTS, slotOf } from "./ring/slot.ts";
export { claimedOf } from "./version/causal-context.ts";
export { contextOf, isRecord, versionsOf } from "./version/record.ts";
export { msOfHlc } from "./version/hlc.ts";
export { dotText, type Dot, type Version, type VersionKind } from "./version/dot.ts";
export { bootMember, type BootParts, type BootUser } from "./member/boot.ts";
export { Member, type MemberParts } from "./member/member.ts";
export type {
  ChangeKind,
  ConditionKind,
  ConflictCursor,
  ExpiryRule,
  FallbackUse,
  Wanted,
} from "./wire/messages.ts";
export type { ConditionalRequest, ConditionalResult, ConditionalUser } from "./coordinator/conditional.ts";
export { xxh3Hex } from "./base/xxh3.ts";
export { CAS_MEMBER } from "./version/cas-run.ts";
export { Prng } from "./base/prng.ts";
export type { Alarm, Clock } from "./ports/clock.ts";
export type { Engine, EngineError, EngineUser } from "./ports/engine.ts";
export type { FileError, FileHandle, Files, FileUser } from "./ports/files.ts";
export type { Random } from "./ports/random.ts";
export type { Lane, LinkId, LinkInputs, LinkWriter, Transport } from "./ports/transport.ts";
export { formTopology, type FormedTopology } from "./ring/form-topology.ts";
export { checkPlacement } from "./ring/placement-check.ts";
export { ForgetfulFiles, type Survival } from "./storage/forgetful-files.ts";
export { IDENTITY_FILE } from "./storage/identity.ts";
export type { JournalLimits } from "./storage/journal.ts";
export type { JournaledStorage } from "./storage/journaled-storage.ts";
export { DEFAULT_JOURNAL_LIMITS, openJournaledStorage } from "./storage/journaled-storage-open.ts";
export {
  isRecordKey,
  keyOfRecordKey,
  placeOfConflictKey,
  recordKey,
  slotOfRecordKey,
} from "./storage/keyspace.ts";
export { decodeClockMemory, isClockMemoryKey } from "./storage/metadata-store.ts";
export { MemoryEngine } from "./storage/memory-engine.ts";
export { RECORD_RESOLVER } from "./storage/record-resolver.ts";
export { decodeConflict, type Conflict, type ConflictKind } from "./storage/conflict-row.ts";
export type { RecoveryReport } from "./storage/recovery.ts";
export type { Resolver } from "./storage/recovery-page.ts";
export type { StorageRefusal } from "./storage/recovery-refusal.ts";
