import { expect, test } from "vitest";
import { crc32c } from "../base/crc32c.ts";
import { FRAME_HEADER_BYTES } from "./frame.ts";
import { FRAME_BYTES_FULL, FrameBuilder } from "./frame-builder.ts";
import { FrameParser, type FrameUser } from "./frame-parser.ts";
import { TestWriter } from "./wire.fixture.ts";

const MAX = 1 << 20;

class Frames implements FrameUser {
  readonly payloads: Uint8Array[] = [];
  readonly seen: { bytes: Uint8Array; from: number; epoch: number; clock: number }[] = [];
  more = true;

  onFrame(bytes: Uint8Array, from: number, to: number, epoch: number, clock: number): boolean {
    this.payloads.push(bytes.slice(from, to));
    this.seen.push({ bytes, from, epoch, clock });
    return this.more;
  }
}

function putPayload(writer: TestWriter, payload: Uint8Array): void {
  writer.ensure(payload.length);
  writer.bytes.set(payload, writer.end);
  writer.end += payload.length;
}

function frameOf(payload: Uint8Array, epoch = 1, clock = 5): Uint8Array {
  const writer = new TestWriter();
  const builder = new FrameBuilder();
  builder.begin(writer);
  putPayload(writer, payload);
  builder.finish(writer, epoch, clock);
  return writer.written();
}

/** With the header's sum made right again. */
function reseal(frame: Uint8Array): Uint8Array {
  new DataView(frame.buffer).setUint32(28, crc32c(frame, 0, 28));
  return frame;
}

function failureOf(frame: Uint8Array, max = MAX): string {
  const frames = new Frames();
  const parser = new FrameParser(frames, max);
  expect(parser.push(frame)).toBe(parser.failure === "");
  return parser.failure;
}

test("a frame inside one chunk is handed on where it lies", () => {
  const frames = new Frames();
  const chunk = frameOf(new Uint8Array([7, 8, 9]), 3, 2 ** 40 + 1);
  new FrameParser(frames, MAX).push(chunk);
  expect(frames.seen).toEqual([{ bytes: chunk, from: FRAME_HEADER_BYTES, epoch: 3, clock: 2 ** 40 + 1 }]);
  expect(frames.seen[0]?.bytes).toBe(chunk);
});

test("a length is believed up to the limit, and the limit can be raised from one frame to the next", () => {
  expect(failureOf(frameOf(new Uint8Array(9)), 10)).toBe("");
  expect(failureOf(frameOf(new Uint8Array(10)), 10)).toBe("");
  expect(failureOf(frameOf(new Uint8Array(11)), 10)).toBe(
    "a frame claims 11 bytes where at most 10 are allowed",
  );

  const parser = new FrameParser(
    {
      onFrame: () => {
        parser.payloadBytesMax = 11;
        return true;
      },
    },
    10,
  );
  expect(parser.push(new Uint8Array([...frameOf(new Uint8Array(1)), ...frameOf(new Uint8Array(11))]))).toBe(
    true,
  );
});

test("each violation of a header is named", () => {
  const good = frameOf(new Uint8Array([1]));
  const change = (at: number, value: number): Uint8Array => {
    const frame = good.slice();
    frame[at] = value;
    return frame;
  };
  expect(failureOf(change(0, 0x47))).toBe("these bytes are not a frame of kvorum's peer protocol");
  expect(failureOf(change(4, 2))).toBe("frame version 2 is not known here");
  expect(failureOf(change(23, 9))).toBe("a frame header fails its checksum");
  expect(failureOf(reseal(change(5, 1)))).toBe("a frame header sets bits that are reserved");
  expect(failureOf(reseal(change(7, 1)))).toBe("a frame header sets bits that are reserved");
  expect(failureOf(reseal(change(13, 0x20)))).toBe("a frame's clock is out of range");
  expect(failureOf(reseal(change(23, 0)))).toBe("a frame is empty");
  expect(failureOf(change(32, 2))).toBe("a frame's payload fails its checksum");
});

test("memory grows with what arrives, not with what a length claims", () => {
  const frame = frameOf(new Uint8Array(MAX - 1));
  const parser = new FrameParser(new Frames(), MAX);
  parser.push(frame.subarray(0, 40));
  expect(parser.heldBytes).toBeLessThanOrEqual(4096);
  parser.push(frame.subarray(40, 10_000));
  expect(parser.heldBytes).toBeLessThanOrEqual(20_000);
});

test("memory for a large frame is let go when the frame is done", () => {
  const frames = new Frames();
  const parser = new FrameParser(frames, MAX);
  const frame = frameOf(new Uint8Array(MAX - 1).fill(3));
  for (let at = 0; at < frame.length; at += 50_000) parser.push(frame.subarray(at, at + 50_000));
  expect(frames.payloads.map((payload) => payload.length)).toEqual([MAX - 1]);
  expect(parser.heldBytes).toBe(0);
});

test("nothing is parsed after a failure, or once the user has had enough", () => {
  const bad = frameOf(new Uint8Array([1]));
  bad[32] = 9;
  const frames = new Frames();
  const failed = new FrameParser(frames, MAX);
  expect(failed.push(bad)).toBe(false);
  expect(failed.push(frameOf(new Uint8Array([1])))).toBe(false);
  expect(frames.payloads).toEqual([]);

  frames.more = false;
  const stopped = new FrameParser(frames, MAX);
  const two = new Uint8Array([...frameOf(new Uint8Array([1])), ...frameOf(new Uint8Array([2]))]);
  expect(stopped.push(two)).toBe(false);
  expect(stopped.push(two)).toBe(false);
  expect(stopped.failure).toBe("");
  expect(frames.payloads).toHaveLength(1);
});

test("a builder writes no frame without messages", () => {
  const writer = new TestWriter();
  const builder = new FrameBuilder();
  builder.finish(writer, 1, 1);
  expect(writer.end).toBe(0);
  builder.begin(writer);
  builder.begin(writer);
  expect(writer.end).toBe(FRAME_HEADER_BYTES);
  builder.finish(writer, 1, 1);
  expect(writer.end).toBe(0);
  expect(builder.open).toBe(false);
});

test("a frame is full when it has grown past its mark", () => {
  const writer = new TestWriter();
  const builder = new FrameBuilder();
  expect(builder.full(writer)).toBe(false);
  builder.begin(writer);
  putPayload(writer, new Uint8Array(FRAME_BYTES_FULL - FRAME_HEADER_BYTES));
  expect(builder.full(writer)).toBe(false);
  putPayload(writer, new Uint8Array(1));
  expect(builder.full(writer)).toBe(true);
});

test("an abandoned frame is forgotten", () => {
  const writer = new TestWriter();
  const builder = new FrameBuilder();
  builder.begin(writer);
  builder.abandon();
  expect(builder.open).toBe(false);
});
