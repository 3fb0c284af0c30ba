/** Pieces of the path that each request takes, for benchmarks that measure them one by one. Nobody builds on them. */
export { crc32c } from "./base/crc32c.ts";
export { hash32 } from "./base/hash.ts";
export { ByteWriter } from "./base/byte-writer.ts";
export { ByteMap, keyHash } from "./base/byte-map.ts";
export { KeyPlacement } from "./replica/key-placement.ts";
export { encodeRound, entryBytes, ROUND_HEADER_BYTES } from "./storage/round-codec.ts";
export { contextWith } from "./version/causal-context.ts";
export { mergeRecords, supersedes } from "./version/reconcile.ts";
export { encodeRecord, encodeSingle, headOf } from "./version/record.ts";
export { encodeReplicate } from "./wire/encode.ts";
export { FrameBuilder } from "./wire/frame-builder.ts";
export { FrameParser } from "./wire/frame-parser.ts";
