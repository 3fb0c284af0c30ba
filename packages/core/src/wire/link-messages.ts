/** Messages about a link itself: they come before it is up, and while it is. */
import type { ByteReader } from "../base/byte-reader.ts";
import { copyBytes } from "../base/bytes.ts";
import { latin1Decode, utf8Decode } from "../base/utf8.ts";
import {
  CLUSTER_BYTES_MAX,
  DIGEST_BYTES,
  HELLO,
  type LinkHandler,
  PING,
  PONG,
  REFUSE,
  REFUSE_CODE_BYTES_MAX,
  REFUSE_TEXT_BYTES_MAX,
  TOPOLOGY,
  TOPOLOGY_TEXT_BYTES_MAX,
} from "./messages.ts";

/** Reads one message that is about the link itself; false: it makes no sense. */
export function decodeLinkMessage(type: number, reader: ByteReader, link: LinkHandler): boolean {
  switch (type) {
    case HELLO:
      return hello(reader, link);
    case TOPOLOGY:
      return topology(reader, link);
    case REFUSE:
      return refuse(reader, link);
    case PING:
      return ping(reader, link);
    case PONG:
      return pong(reader, link);
    default:
      return false;
  }
}

function hello(reader: ByteReader, link: LinkHandler): boolean {
  const protocolMin = reader.u16();
  const protocolMax = reader.u16();
  const clusterLength = reader.u8();
  const cluster = latin1Decode(reader.bytes(clusterLength));
  const member = reader.u32();
  const lane = reader.u8();
  const epoch = reader.u32();
  const digest = copyBytes(reader.bytes(DIGEST_BYTES));
  const session = reader.u64();
  const heard = reader.u64();
  const birth = reader.u64();
  const known = reader.u64();
  if (!reader.complete || lane > 1 || clusterLength > CLUSTER_BYTES_MAX || protocolMin > protocolMax)
    return false;
  if (birth === 0) return false;
  link.onHello({
    protocolMin,
    protocolMax,
    cluster,
    member,
    lane: lane === 0 ? "foreground" : "bulk",
    epoch,
    digest,
    session,
    heard,
    birth,
    known,
  });
  return true;
}

function topology(reader: ByteReader, link: LinkHandler): boolean {
  const length = reader.left;
  if (length > TOPOLOGY_TEXT_BYTES_MAX) return false;
  link.onTopology(reader.bytes(length));
  return true;
}

function refuse(reader: ByteReader, link: LinkHandler): boolean {
  const codeLength = reader.u8();
  const code = latin1Decode(reader.bytes(codeLength));
  const textLength = reader.u16();
  if (codeLength > REFUSE_CODE_BYTES_MAX || textLength > REFUSE_TEXT_BYTES_MAX) return false;
  const text = utf8Decode(reader.bytes(textLength));
  if (!reader.complete) return false;
  link.onRefuse(code, text);
  return true;
}

function ping(reader: ByteReader, link: LinkHandler): boolean {
  const echo = reader.u64();
  const minted = reader.u64();
  if (!reader.complete) return false;
  link.onPing(echo, minted);
  return true;
}

function pong(reader: ByteReader, link: LinkHandler): boolean {
  const echo = reader.u64();
  const minted = reader.u64();
  if (!reader.complete) return false;
  link.onPong(echo, minted);
  return true;
}
