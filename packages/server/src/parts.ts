/** Pieces of a member that benchmarks drive alone, without the member around them. Nobody builds on them. */
export { respLimits } from "./resp/limits.ts";
export { RequestParser } from "./resp/parser.ts";
export { type OpenedStorage, openStorage } from "./storage/open-storage.ts";
export { openRocksEngine, type RocksEngine } from "./storage/rocks-engine.ts";
export { type SendBuffer, SendPool, type SendUser } from "./transport/send-pool.ts";
export { Turn } from "./transport/turn.ts";
