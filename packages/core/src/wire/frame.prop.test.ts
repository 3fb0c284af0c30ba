import fc from "fast-check";
import { expect, test } from "vitest";
import { FrameBuilder } from "./frame-builder.ts";
import { FrameParser } from "./frame-parser.ts";
import { TestWriter } from "./wire.fixture.ts";

interface Frame {
  payload: Uint8Array;
  epoch: number;
  clock: number;
}

const anyFrame: fc.Arbitrary<Frame> = fc.record({
  payload: fc.uint8Array({ minLength: 1, maxLength: 80 }),
  epoch: fc.integer({ min: 0, max: 0xffff_ffff }),
  clock: fc.maxSafeNat(),
});

function build(frames: readonly Frame[]): Uint8Array {
  const writer = new TestWriter();
  const builder = new FrameBuilder();
  for (const { payload, epoch, clock } of frames) {
    builder.begin(writer);
    writer.ensure(payload.length);
    writer.bytes.set(payload, writer.end);
    writer.end += payload.length;
    builder.finish(writer, epoch, clock);
  }
  return writer.written();
}

/** Parses pieces, each in memory of its own that is overwritten afterwards, as a lent chunk is. */
function parse(pieces: readonly Uint8Array[]): { frames: Frame[]; failure: string } {
  const frames: Frame[] = [];
  const onFrame = (bytes: Uint8Array, from: number, to: number, epoch: number, clock: number): boolean => {
    frames.push({ payload: bytes.slice(from, to), epoch, clock });
    return true;
  };
  const parser = new FrameParser({ onFrame }, 1000);
  for (const piece of pieces) {
    const lent = piece.slice();
    parser.push(lent);
    lent.fill(0xdd);
  }
  return { frames, failure: parser.failure };
}

function cut(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = at.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b);
  return [0, ...places].map((from, i) => bytes.subarray(from, places[i] ?? bytes.length));
}

test("frames come out as they went in, however the bytes are cut", () => {
  fc.assert(
    fc.property(
      fc.array(anyFrame, { maxLength: 6 }),
      fc.array(fc.nat(), { maxLength: 12 }),
      (frames, places) => {
        expect(parse(cut(build(frames), places))).toEqual({ frames, failure: "" });
      },
    ),
  );
});

test("frames survive a cut at every byte, and at every pair of bytes", () => {
  const frames = [3, 40, 1].map((length, i) => ({
    payload: new Uint8Array(length).fill(i + 1),
    epoch: i,
    clock: i,
  }));
  const bytes = build(frames);
  for (let a = 0; a <= bytes.length; a++) {
    for (let b = a; b <= bytes.length; b++) {
      expect(parse([bytes.subarray(0, a), bytes.subarray(a, b), bytes.subarray(b)]).frames).toEqual(frames);
    }
  }
  expect(parse([...bytes].map((byte) => new Uint8Array([byte])))).toEqual({ frames, failure: "" });
});

test("random bytes, whole or in pieces, never throw and never yield a frame", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(fc.nat(), { maxLength: 5 }),
      fc.boolean(),
      (bytes, places, magic) => {
        if (magic) bytes.set([0x4b, 0x56, 0x46, 0x31, 1, 0, 0, 0].slice(0, bytes.length));
        expect(parse(cut(bytes, places)).frames).toEqual([]);
      },
    ),
  );
});

test("frames before a damaged one are delivered, the damaged one and those after it never", () => {
  fc.assert(
    fc.property(
      fc.array(anyFrame, { minLength: 1, maxLength: 4 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      fc.array(fc.nat(), { maxLength: 5 }),
      (frames, place, change, places) => {
        const bytes = build(frames);
        const at = place % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ change;
        let intact = 0;
        for (let end = 0; intact < frames.length; intact++) {
          end += 32 + (frames[intact]?.payload.length ?? 0);
          if (at < end) break;
        }
        const parsed = parse(cut(bytes, places));
        expect(parsed.frames).toEqual(frames.slice(0, intact));
        expect(parsed.failure).not.toBe("");
      },
    ),
  );
});
