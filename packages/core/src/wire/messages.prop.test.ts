import fc from "fast-check";
import { expect, test } from "vitest";
import { anyMessage } from "./message-arbitraries.fixture.ts";
import { MessageDecoder } from "./message-decoder.ts";
import { type PlainMessage, Recorder, TestWriter, encodePlain } from "./wire.fixture.ts";

function encodeAll(messages: readonly PlainMessage[]): Uint8Array {
  const writer = new TestWriter();
  for (const message of messages) encodePlain(writer, message);
  return writer.written();
}

function decode(bytes: Uint8Array, recorder = new Recorder()): { good: boolean; messages: PlainMessage[] } {
  const decoder = new MessageDecoder(recorder);
  const good = decoder.decode(bytes, 0, bytes.length, recorder);
  expect(good).toBe(decoder.failure === "");
  return { good, messages: recorder.messages };
}

test("what is encoded is decoded, in order, wherever in the bytes it lies", () => {
  fc.assert(
    fc.property(fc.array(anyMessage, { maxLength: 5 }), fc.nat(9), fc.nat(9), (messages, before, after) => {
      const encoded = encodeAll(messages);
      const bytes = new Uint8Array(before + encoded.length + after).fill(0xee);
      bytes.set(encoded, before);
      const recorder = new Recorder();
      const good = new MessageDecoder(recorder).decode(bytes, before, before + encoded.length, recorder);
      expect(good).toBe(true);
      expect(recorder.messages).toEqual(messages);
      expect(recorder.peers.every((peer) => peer === 9)).toBe(true);
    }),
  );
});

test("a message that is cut short is refused, and so is one with anything behind it", () => {
  fc.assert(
    fc.property(anyMessage, fc.nat(), (message, seed) => {
      // A topology's text is all of its body, so any length of it is a message.
      fc.pre(message.name !== "topology");
      const encoded = encodeAll([message]);
      const body = encoded.length - 4;
      const kept = 1 + (seed % (body - 1));
      const short = encoded.slice(0, 4 + kept);
      new DataView(short.buffer).setUint32(0, kept);
      expect(decode(short)).toEqual({ good: false, messages: [] });
      const long = new Uint8Array(encoded.length + 1);
      long.set(encoded);
      new DataView(long.buffer).setUint32(0, body + 1);
      expect(decode(long)).toEqual({ good: false, messages: [] });
    }),
  );
});

test("random bytes never throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      decode(bytes);
    }),
  );
});

test("random bodies of every type never throw", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 30 }), fc.uint8Array({ maxLength: 120 }), (type, body) => {
      const bytes = new Uint8Array(5 + body.length);
      new DataView(bytes.buffer).setUint32(0, body.length + 1);
      bytes[4] = type;
      bytes.set(body, 5);
      decode(bytes);
    }),
  );
});

test("mutated messages never throw, and what is decoded of them can be encoded again", () => {
  const mutation = fc.record({ at: fc.nat(), to: fc.integer({ min: 0, max: 255 }) });
  fc.assert(
    fc.property(anyMessage, fc.array(mutation, { minLength: 1, maxLength: 8 }), (message, mutations) => {
      const bytes = encodeAll([message]);
      for (const { at, to } of mutations) bytes[at % bytes.length] = to;
      const { good, messages } = decode(bytes);
      if (good && messages[0]?.name !== "topology" && messages[0]?.name !== "refuse") {
        expect(messages).toHaveLength(1);
        encodeAll(messages);
      }
    }),
  );
});
