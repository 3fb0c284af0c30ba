import { Socket } from "node:net";
import { SendPool } from "@kvorum/server/parts";
import { expect, it } from "vitest";
import {
  FrameReader,
  putRead,
  putReadReply,
  putReplicate,
  putReplicated,
  type FrameHandler,
} from "./frame.ts";
import { Outbox } from "./outbox.ts";

function recorder(calls: unknown[][]): FrameHandler {
  return {
    onReplicate: (peer, id, fsync, key, value) =>
      void calls.push(["replicate", peer, id, fsync, String(key), String(value)]),
    onReplicated: (id) => void calls.push(["replicated", id]),
    onRead: (peer, id, key) => void calls.push(["read", peer, id, String(key)]),
    onReadReply: (id, length) => void calls.push(["read reply", id, length]),
  };
}

it("every message arrives as it was sent, wherever the bytes are split", () => {
  const out = new Outbox(new Socket(), new SendPool());
  putReplicate(out, 7, true, Buffer.from("key"), Buffer.from("value"));
  putReplicated(out, 8);
  putRead(out, 9, Buffer.from("other"));
  putReadReply(out, 10, -1);
  const bytes = Buffer.from(out.bytes.subarray(0, out.end));
  for (let at = 0; at < bytes.length; at++) {
    const calls: unknown[][] = [];
    const reader = new FrameReader(recorder(calls));
    reader.push(3, bytes.subarray(0, at));
    reader.push(3, bytes.subarray(at));
    expect(calls).toEqual([
      ["replicate", 3, 7, true, "key", "value"],
      ["replicated", 8],
      ["read", 3, 9, "other"],
      ["read reply", 10, -1],
    ]);
  }
});
