/** For tests of core and of whoever implements its ports: one conformance suite for each port. */
export { FilesAsker, StorageAsker } from "./storage/askers.fixture.ts";
export { AutoTurn } from "./storage/auto-turn.fixture.ts";
export { type EngineUnderTest, engineConformance } from "./storage/engine.conformance.ts";
export { type FilesUnderTest, filesConformance } from "./storage/files.conformance.ts";
export { type StorageUnderTest, storageConformance } from "./storage/storage.conformance.ts";
export { type Suite, VITEST } from "./storage/suite.fixture.ts";
/** For tests of transports: the links of a member without the member. */
export { Prng } from "./base/prng.ts";
export { Timers } from "./control/timers.ts";
export { type PeerEvents, PeerLinks } from "./membership/links.ts";
export { topologyOf } from "./membership/topology.fixture.ts";
export { contextWith } from "./version/causal-context.ts";
export { encodeRecord } from "./version/record.ts";
export { encodeConflict } from "./storage/conflict-row.ts";
export { conflictKey } from "./storage/keyspace.ts";
export { HybridClock } from "./version/hlc.ts";
export { encodeRead, encodeReplicate } from "./wire/encode.ts";
export type { MessageHandler } from "./wire/messages.ts";
