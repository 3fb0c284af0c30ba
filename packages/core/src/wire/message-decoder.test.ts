import { expect, test } from "vitest";
import { OUTCOMES } from "../base/outcome.ts";
import { encodeHello, encodePing, encodeRefuse, encodeTopology } from "./encode-link.ts";
import { beginMessage, putBytes, putU16, putU32, putU64, putU8 } from "./encode-pieces.ts";
import { encodeCounted, encodeRead, encodeScanned, encodeWrite, encodeWritten } from "./encode.ts";
import { MessageDecoder } from "./message-decoder.ts";
import {
  COUNT,
  HELLO,
  PING,
  READ,
  REFUSE_TEXT_BYTES_MAX,
  REPLICATED,
  SCANNED,
  TOPOLOGY,
  TOPOLOGY_TEXT_BYTES_MAX,
  WRITE,
  WRITTEN,
} from "./messages.ts";
import { Recorder, TestWriter } from "./wire.fixture.ts";

function decode(writer: TestWriter, recorder = new Recorder()): string {
  const decoder = new MessageDecoder(recorder);
  decoder.decode(writer.written(), 0, writer.end, recorder);
  return decoder.failure;
}

const key = new Uint8Array([1, 2, 3]);

test("requests and replies need a link that is up", () => {
  const writer = new TestWriter();
  encodePing(writer, 1, 2);
  encodeRead(writer, 1, 2, false, key);
  const recorder = new Recorder();
  recorder.up = false;
  expect(decode(writer, recorder)).toBe("a message of type 18 is malformed, unknown or out of place");
  expect(recorder.messages).toEqual([{ name: "ping", fields: { echo: 1, minted: 2 } }]);
});

test("nothing more is dispatched once the link is being closed", () => {
  class ClosingRecorder extends Recorder {
    override onPing(echo: number, minted: number): void {
      super.onPing(echo, minted);
      this.open = false;
    }
  }
  const writer = new TestWriter();
  encodePing(writer, 1, 0);
  encodePing(writer, 2, 0);
  const recorder = new ClosingRecorder();
  expect(decode(writer, recorder)).toBe("");
  expect(recorder.messages).toHaveLength(1);
});

test.each([0, 6, 15, 24, 255])("type %i is unknown", (type) => {
  const writer = new TestWriter();
  beginMessage(writer, type, 0);
  expect(decode(writer)).toContain(`type ${type} `);
});

test("a message of no length, or longer than its frame, is refused", () => {
  for (const length of [0, 18, 2 ** 32 - 1]) {
    const writer = new TestWriter();
    encodePing(writer, 1, 0);
    writer.view.setUint32(0, length);
    expect(decode(writer)).toBe("a message does not fit into its frame");
  }
});

test("an outcome that no release knows is refused", () => {
  for (const code of [Object.keys(OUTCOMES).length, 255]) {
    const writer = new TestWriter();
    encodeCounted(writer, 1, code, 5);
    expect(decode(writer)).not.toBe("");
  }
});

test("flags that no release knows are refused", () => {
  const read = new TestWriter();
  encodeRead(read, 1, 2, false, key);
  read.bytes[5 + 4 + 8] = 4;
  expect(decode(read)).toContain(`type ${READ} `);

  const replicated = new TestWriter();
  beginMessage(replicated, REPLICATED, 10);
  putU32(replicated, 1);
  putU8(replicated, 0);
  putU8(replicated, 4);
  putU32(replicated, 0);
  expect(decode(replicated)).toContain(`type ${REPLICATED} `);
});

test("clocks beyond a safe integer are refused", () => {
  const writer = new TestWriter();
  beginMessage(writer, PING, 16);
  putU32(writer, 0x20_0000);
  putU32(writer, 0);
  putU64(writer, 0);
  expect(decode(writer)).toContain(`type ${PING} `);
});

test("a HELLO from no directory is refused", () => {
  const writer = new TestWriter();
  const hello = { cluster: "c", member: 1, lane: "bulk", epoch: 1, digest: new Uint8Array(16) } as const;
  encodeHello(writer, { ...hello, protocolMin: 1, protocolMax: 1, session: 1, heard: 0, birth: 1, known: 0 });
  expect(decode(writer)).toBe("");
  writer.view.setUint8(writer.end - 9, 0);
  expect(decode(writer)).toContain(`type ${HELLO} `);
});

test("a count that lies is refused without making what it claims", () => {
  const writer = new TestWriter();
  beginMessage(writer, COUNT, 18);
  putU32(writer, 1);
  putU64(writer, 2);
  putU16(writer, 1);
  putU16(writer, 0xffff);
  putU16(writer, 7);
  const recorder = new Recorder();
  expect(decode(writer, recorder)).toContain(`type ${COUNT} `);
  expect(recorder.messages).toEqual([]);
});

test("a page of a scan whose rows are not all there is refused", () => {
  const writer = new TestWriter();
  encodeScanned(writer, 1, 0, key, key);
  expect(decode(writer)).toBe("");
  writer.view.setUint32(5 + 4 + 1 + 2 + key.length, 0xffff_ffff);
  const recorder = new Recorder();
  expect(decode(writer, recorder)).toContain(`type ${SCANNED} `);
  expect(recorder.messages).toEqual([]);
});

test("a quorum below all is refused", () => {
  const writer = new TestWriter();
  const write = {
    namespace: 1,
    key,
    value: key,
    context: null,
    onlyIfSeen: false,
    expiryMs: 0,
    w: -1,
    fallbacks: "deny" as const,
    wantReceipt: false,
  };
  encodeWrite(writer, 1, 2, { ...write, kind: "put", durability: "os" });
  expect(decode(writer)).toBe("");
  writer.view.setInt16(5 + 4 + 8 + 1 + 2, -2);
  expect(decode(writer)).toContain(`type ${WRITE} `);
});

test("a client's token that is too long or no latin1 is cut to one that will be refused", () => {
  const writer = new TestWriter();
  const context = `ŵ${"a".repeat(70_000)}`;
  const write = {
    namespace: 1,
    key,
    value: key,
    context,
    onlyIfSeen: false,
    expiryMs: 0,
    w: 1,
    fallbacks: "deny" as const,
    wantReceipt: true,
  };
  encodeWrite(writer, 1, 2, { ...write, kind: "delete", durability: "fsync" });
  const recorder = new Recorder();
  expect(decode(writer, recorder)).toBe("");
  const [message] = recorder.messages;
  expect(message?.name === "write" && message.fields.write.context).toBe(`?${"a".repeat(65_534)}`);
});

test("texts are cut to what fits", () => {
  const writer = new TestWriter();
  encodeRefuse(writer, "TOPOLOGY", "x".repeat(REFUSE_TEXT_BYTES_MAX + 5));
  encodeWritten(writer, 1, 0, false, "y".repeat(70_000), null);
  const recorder = new Recorder();
  expect(decode(writer, recorder)).toBe("");
  expect(recorder.messages).toMatchObject([
    { name: "refuse", fields: { text: "x".repeat(REFUSE_TEXT_BYTES_MAX) } },
    { name: "written", fields: { text: "y".repeat(65_535) } },
  ]);
});

test("a refusal's text has its limit, whoever wrote it", () => {
  const writer = new TestWriter();
  beginMessage(writer, 3, 1 + 2 + REFUSE_TEXT_BYTES_MAX + 1);
  putU8(writer, 0);
  putU16(writer, REFUSE_TEXT_BYTES_MAX + 1);
  putBytes(writer, new Uint8Array(REFUSE_TEXT_BYTES_MAX + 1));
  expect(decode(writer)).toContain("type 3 ");
});

test("a topology's text has its limit", () => {
  for (const over of [-1, 0]) {
    const writer = new TestWriter();
    encodeTopology(writer, new Uint8Array(TOPOLOGY_TEXT_BYTES_MAX + over));
    expect(decode(writer)).toBe("");
  }
  const writer = new TestWriter();
  beginMessage(writer, TOPOLOGY, TOPOLOGY_TEXT_BYTES_MAX + 1);
  putBytes(writer, new Uint8Array(TOPOLOGY_TEXT_BYTES_MAX + 1));
  expect(decode(writer)).toContain(`type ${TOPOLOGY} `);
});

test("a receipt whose homes are missing is refused", () => {
  const writer = new TestWriter();
  const receipt = {
    dot: { member: 1, start: 2, clock: 3 },
    w: 1,
    fsynced: 1,
    homes: [1, 2],
    fallbacks: [],
    token: key,
  };
  encodeWritten(writer, 1, 0, true, "", receipt);
  expect(decode(writer)).toBe("");
  const homesAt = 5 + 4 + 1 + 1 + 2 + 20 + 2;
  expect(writer.bytes[homesAt]).toBe(2);
  writer.bytes[homesAt] = 255;
  expect(decode(writer)).toContain(`type ${WRITTEN} `);
});
