/**
 * The context token a client carries from a read or a write to its next write. It names the cluster, the
 * namespace and the key, so that it is refused anywhere else, and carries the live dots and the claims of the
 * record it was made from. Base64url over: format u8, dots u16, entries u16, cluster hash u32, namespace u16,
 * key hash 2 x u32, dots (run index u16, clock u64), entries (20 bytes each), CRC-32C u32.
 */
import { base64urlDecode, base64urlEncode } from "../base/base64url.ts";
import { type Bytes } from "../base/bytes.ts";
import { crc32c } from "../base/crc32c.ts";
import { hash32 } from "../base/hash.ts";
import { isContext } from "./causal-context.ts";
import { contextOf } from "./record.ts";
import {
  ENTRY_BYTES,
  readU16,
  readU32,
  readU64,
  versionAt,
  versionClock,
  versionCount,
  versionRun,
  writeU16,
  writeU32,
  writeU64,
} from "./record-layout.ts";

const TOKEN_FORMAT = 1;
const FIXED = 19;
const DOT_BYTES = 10;

/** Where a token belongs. */
export interface TokenScope {
  /** A hash of the cluster's name. */
  readonly cluster: number;
  readonly namespace: number;
}

/** The token of a record or head (null: the empty record). */
export function encodeToken(scope: TokenScope, key: Bytes, record: Bytes | null): string {
  const context = contextOf(record);
  const dots = record === null ? 0 : versionCount(record);
  const bytes = new Uint8Array(FIXED + dots * DOT_BYTES + context.length + 4);
  bytes[0] = TOKEN_FORMAT;
  writeU16(bytes, 1, dots);
  writeU16(bytes, 3, context.length / ENTRY_BYTES);
  writeU32(bytes, 5, scope.cluster);
  writeU16(bytes, 9, scope.namespace);
  writeU32(bytes, 11, hash32(key, 0, key.length, 1));
  writeU32(bytes, 15, hash32(key, 0, key.length, 2));
  let at = FIXED;
  for (let i = 0; record !== null && i < dots; i++) {
    const version = versionAt(record, i);
    writeU16(bytes, at, versionRun(record, version));
    writeU64(bytes, at + 2, versionClock(record, version));
    at += DOT_BYTES;
  }
  bytes.set(context, at);
  writeU32(bytes, bytes.length - 4, crc32c(bytes, 0, bytes.length - 4));
  return base64urlEncode(bytes);
}

/** The claims of a token, or null when it is not a token of this key here. */
export function decodeToken(scope: TokenScope, key: Bytes, token: string): Bytes | null {
  const bytes = base64urlDecode(token);
  if (bytes === null || bytes.length < FIXED + 4 || bytes[0] !== TOKEN_FORMAT) return null;
  const dots = readU16(bytes, 1);
  const entries = readU16(bytes, 3);
  if (bytes.length !== FIXED + dots * DOT_BYTES + entries * ENTRY_BYTES + 4) return null;
  if (readU32(bytes, bytes.length - 4) !== crc32c(bytes, 0, bytes.length - 4)) return null;
  if (readU32(bytes, 5) !== scope.cluster || readU16(bytes, 9) !== scope.namespace) return null;
  if (
    readU32(bytes, 11) !== hash32(key, 0, key.length, 1) ||
    readU32(bytes, 15) !== hash32(key, 0, key.length, 2)
  ) {
    return null;
  }
  const context = bytes.subarray(FIXED + dots * DOT_BYTES, bytes.length - 4);
  if (!isContext(context)) return null;
  for (let at = FIXED; at < FIXED + dots * DOT_BYTES; at += DOT_BYTES) {
    const run = readU16(bytes, at);
    if (run >= entries || readU64(bytes, at + 2) > readU64(context, run * ENTRY_BYTES + 12)) return null;
  }
  return context;
}
