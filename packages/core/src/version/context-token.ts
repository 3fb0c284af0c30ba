/**
 * The context token a client carries from a read or a write to its next write. It names the cluster, the
 * namespace and the key, so that it is refused anywhere else, and carries dots and claims. A token of a read has
 * the live dots of the record and all its claims. A token of a write with a context has that context's claims and
 * the one new dot by itself: a claim on its run would cover siblings of the same run that the author never saw.
 * Base64url over: format u8, dots u16, entries u16, cluster hash u32, namespace u16, key hash 2 x u32, dots and
 * entries (20 bytes each: member u32, start u64, clock u64), CRC-32C u32.
 */
import { base64urlDecode, base64urlEncode } from "../base/base64url.ts";
import { type Bytes } from "../base/bytes.ts";
import { crc32c } from "../base/crc32c.ts";
import { hash32 } from "../base/hash.ts";
import { isContext } from "./causal-context.ts";
import { ENTRY_BYTES, readU16, readU32, writeU16, writeU32 } from "./record-layout.ts";
import { type SeenContext, isDotTable } from "./seen-context.ts";

const TOKEN_FORMAT = 1;
const FIXED = 19;

/** Where a token belongs. */
export interface TokenScope {
  /** A hash of the cluster's name. */
  readonly cluster: number;
  readonly namespace: number;
}

export function encodeToken(scope: TokenScope, key: Bytes, { claims, dots }: SeenContext): string {
  const bytes = new Uint8Array(FIXED + dots.length + claims.length + 4);
  bytes[0] = TOKEN_FORMAT;
  writeU16(bytes, 1, dots.length / ENTRY_BYTES);
  writeU16(bytes, 3, claims.length / ENTRY_BYTES);
  writeU32(bytes, 5, scope.cluster);
  writeU16(bytes, 9, scope.namespace);
  writeU32(bytes, 11, hash32(key, 0, key.length, 1));
  writeU32(bytes, 15, hash32(key, 0, key.length, 2));
  bytes.set(dots, FIXED);
  bytes.set(claims, FIXED + dots.length);
  writeU32(bytes, bytes.length - 4, crc32c(bytes, 0, bytes.length - 4));
  return base64urlEncode(bytes);
}

/** What a token says was seen, or null when it is not a token of this key here. */
export function decodeToken(scope: TokenScope, key: Bytes, token: string): SeenContext | null {
  const bytes = base64urlDecode(token);
  if (bytes === null || bytes.length < FIXED + 4 || bytes[0] !== TOKEN_FORMAT) return null;
  const dotBytes = readU16(bytes, 1) * ENTRY_BYTES;
  const claimBytes = readU16(bytes, 3) * ENTRY_BYTES;
  if (bytes.length !== FIXED + dotBytes + claimBytes + 4) return null;
  if (readU32(bytes, bytes.length - 4) !== crc32c(bytes, 0, bytes.length - 4)) return null;
  if (readU32(bytes, 5) !== scope.cluster || readU16(bytes, 9) !== scope.namespace) return null;
  const sameKey =
    readU32(bytes, 11) === hash32(key, 0, key.length, 1) &&
    readU32(bytes, 15) === hash32(key, 0, key.length, 2);
  if (!sameKey) return null;
  const dots = bytes.subarray(FIXED, FIXED + dotBytes);
  const claims = bytes.subarray(FIXED + dotBytes, FIXED + dotBytes + claimBytes);
  return isDotTable(dots) && isContext(claims) ? { claims, dots } : null;
}
