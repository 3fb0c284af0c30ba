/**
 * The wire's bytes are a promise to other releases. The vectors were made by another program in another language
 * from the written layout, so they also show that the layout is what the comments say.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { hex } from "../base/utf8.ts";
import { FrameBuilder } from "./frame-builder.ts";
import { FrameParser } from "./frame-parser.ts";
import { MessageDecoder } from "./message-decoder.ts";
import { type PlainMessage, Recorder, TestWriter, encodePlain } from "./wire.fixture.ts";
import { unhex } from "./hex.fixture.ts";

interface GoldenFrame {
  epoch: number;
  clock: number;
  payload: string;
  hex: string;
}

interface GoldenFile {
  messages: (PlainMessage & { hex: string })[];
  frames: GoldenFrame[];
}

const golden = JSON.parse(
  readFileSync(new URL("golden-vectors.json", import.meta.url), "utf8"),
) as GoldenFile;

function decodeOne(bytes: Uint8Array): PlainMessage[] | null {
  const recorder = new Recorder();
  const good = new MessageDecoder(recorder).decode(bytes, 0, bytes.length, recorder);
  return good ? recorder.messages : null;
}

function parse(bytes: Uint8Array): { frames: GoldenFrame[]; failure: string } {
  const frames: GoldenFrame[] = [];
  const onFrame = (chunk: Uint8Array, from: number, to: number, epoch: number, clock: number): boolean => {
    frames.push({ epoch, clock, payload: hex(chunk.subarray(from, to)), hex: hex(bytes) });
    return true;
  };
  const parser = new FrameParser({ onFrame }, 1 << 20);
  parser.push(bytes);
  return { frames, failure: parser.failure };
}

test("there are vectors for every message", () => {
  const types = new Set(golden.messages.map((message) => unhex(message.hex)[4]));
  expect([...types].sort((a, b) => (a ?? 0) - (b ?? 0))).toEqual([
    1, 2, 3, 4, 5, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 32, 33, 40, 41, 48,
  ]);
});

test.each(golden.messages.map((message, index) => ({ message, title: `${index} ${message.name}` })))(
  "message $title is encoded to these bytes and decoded from them",
  ({ message }) => {
    const writer = new TestWriter();
    encodePlain(writer, message);
    expect(hex(writer.written())).toBe(message.hex);
    expect(decodeOne(unhex(message.hex))).toEqual([{ name: message.name, fields: message.fields }]);
  },
);

test("a changed byte in a message's bytes is refused or means something else", () => {
  for (const message of golden.messages) {
    const bytes = unhex(message.hex);
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ 0x01;
      expect(decodeOne(changed)).not.toEqual([{ name: message.name, fields: message.fields }]);
    }
  }
});

test.each(golden.frames)("frame of epoch $epoch is built to these bytes and parsed from them", (frame) => {
  const writer = new TestWriter();
  const builder = new FrameBuilder();
  builder.begin(writer);
  const payload = unhex(frame.payload);
  writer.ensure(payload.length);
  writer.bytes.set(payload, writer.end);
  writer.end += payload.length;
  builder.finish(writer, frame.epoch, frame.clock);
  expect(hex(writer.written())).toBe(frame.hex);
  expect(parse(unhex(frame.hex))).toEqual({ frames: [frame], failure: "" });
});

test("a changed bit anywhere in a frame is found", () => {
  for (const frame of golden.frames) {
    const bytes = unhex(frame.hex);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = bytes.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const { frames, failure } = parse(changed);
      expect(frames).toEqual([]);
      expect(failure).not.toBe("");
    }
  }
});
