/** The public index of core: what servers, simulators and command lines build on. */
export { AssertionError, assert, unreachable } from "./base/assert.ts";
export { EMPTY_BYTES, bytesEqual, compareBytes, copyBytes, type Bytes } from "./base/bytes.ts";
export { OUTCOMES, outcomeOfWire, type OutcomeCode, type OutcomeInfo } from "./base/outcome.ts";
export { DEFAULT_LIMITS, VALUE_BYTES_CEILING, checkLimits, type Limits } from "./config/limits.ts";
export type {
  CountUser,
  ExplainUser,
  Explanation,
  GetRequest,
  GetResult,
  GetUser,
  HomeView,
  PutRequest,
  PutResult,
  PutUser,
  Receipt,
} from "./coordinator/request.ts";
export type {
  CacheStatus,
  ClockStatus,
  MemberApi,
  MemberCounters,
  MemberState,
  MemberStatus,
  PeerStatus,
} from "./member/api.ts";
export type { Address, MemberId, MemberInfo } from "./model/member.ts";
export type { ConflictPolicy, NamespaceId, NamespaceInfo } from "./model/namespace.ts";
export type { Epoch, PreferenceList, Topology } from "./model/topology.ts";
export type { EventFields, EventLevel, Events } from "./ports/events.ts";
export type { Durability } from "./ports/storage.ts";
export { ALL, QUORUM } from "./quorum/needed.ts";
export { homesOf, partitionOfSlot, slotsOfPartition, type SlotRange } from "./ring/placement.ts";
export { SLOTS, slotOf } from "./ring/slot.ts";
export { dotText, type Dot, type Version, type VersionKind } from "./version/dot.ts";
export { bootMember, type BootParts, type BootUser } from "./member/boot.ts";
export { Member, type MemberParts } from "./member/member.ts";
