/** The messages about a link itself: who we are, why we will not talk, and are you there. */
import { assert } from "../base/assert.ts";
import type { Bytes } from "../base/bytes.ts";
import { latin1Encode, utf8Encode } from "../base/utf8.ts";
import type { LinkWriter } from "../ports/transport.ts";
import { beginMessage, putBytes, putShort, putU16, putU32, putU64, putU8 } from "./encode-pieces.ts";
import {
  CLUSTER_BYTES_MAX,
  DIGEST_BYTES,
  HELLO,
  type Hello,
  PING,
  PONG,
  REFUSE,
  REFUSE_CODE_BYTES_MAX,
  REFUSE_TEXT_BYTES_MAX,
  TOPOLOGY,
  TOPOLOGY_TEXT_BYTES_MAX,
} from "./messages.ts";

/**
 * Protocol min u16, max u16; cluster (u8 length); member u32; lane u8; epoch u32; digest 16; session u64; heard u64;
 * birth u64; known u64.
 */
export function encodeHello(writer: LinkWriter, hello: Hello): void {
  const cluster = latin1Encode(hello.cluster);
  assert(cluster.length <= CLUSTER_BYTES_MAX, "a cluster's name is short");
  assert(hello.digest.length === DIGEST_BYTES, "a digest has 16 bytes");
  assert(hello.birth > 0, "whoever speaks has a directory");
  beginMessage(writer, HELLO, 62 + cluster.length);
  putU16(writer, hello.protocolMin);
  putU16(writer, hello.protocolMax);
  putU8(writer, cluster.length);
  putBytes(writer, cluster);
  putU32(writer, hello.member);
  putU8(writer, hello.lane === "foreground" ? 0 : 1);
  putU32(writer, hello.epoch);
  putBytes(writer, hello.digest);
  putU64(writer, hello.session);
  putU64(writer, hello.heard);
  putU64(writer, hello.birth);
  putU64(writer, hello.known);
}

/** The text is all of the body. */
export function encodeTopology(writer: LinkWriter, text: Bytes): void {
  assert(text.length <= TOPOLOGY_TEXT_BYTES_MAX, "a topology's text is at most 4 MiB");
  beginMessage(writer, TOPOLOGY, text.length);
  putBytes(writer, text);
}

/** Code (u8 length), text (u16 length, UTF-8). Text that is too long is cut. */
export function encodeRefuse(writer: LinkWriter, code: string, text: string): void {
  const codeBytes = latin1Encode(code);
  assert(codeBytes.length <= REFUSE_CODE_BYTES_MAX, "a code is short");
  const textBytes = utf8Encode(text).subarray(0, REFUSE_TEXT_BYTES_MAX);
  beginMessage(writer, REFUSE, 3 + codeBytes.length + textBytes.length);
  putU8(writer, codeBytes.length);
  putBytes(writer, codeBytes);
  putShort(writer, textBytes);
}

/** Echo u64, minted u64. */
export function encodePing(writer: LinkWriter, echo: number, minted: number): void {
  beginMessage(writer, PING, 16);
  putU64(writer, echo);
  putU64(writer, minted);
}

/** Echo u64, minted u64. */
export function encodePong(writer: LinkWriter, echo: number, minted: number): void {
  beginMessage(writer, PONG, 16);
  putU64(writer, echo);
  putU64(writer, minted);
}
