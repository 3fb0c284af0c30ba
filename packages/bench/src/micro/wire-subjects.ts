/** What goes over sockets and to the disk: commands, frames, journal rounds. */
import { DEFAULT_LIMITS, type LinkWriter } from "@kvorum/core";
import {
  ByteWriter,
  encodeReplicate,
  encodeRound,
  entryBytes,
  FrameBuilder,
  FrameParser,
  ROUND_HEADER_BYTES,
} from "@kvorum/core/parts";
import { RequestParser, respLimits } from "@kvorum/server/parts";
import { bytesOf, VALUE_BYTES, type Subject } from "./subject.ts";

const BATCH = 16;
const DEADLINE = 2 ** 50;
const FRAME_BYTES_MAX = 1024 * 1024;

const key = Buffer.from("key:000000000042");
const value = bytesOf(VALUE_BYTES);

class Writer implements LinkWriter {
  bytes = new Uint8Array(64 * 1024);
  view = new DataView(this.bytes.buffer);
  end = 0;

  ensure(count: number): void {
    if (this.end + count > this.bytes.length) throw new RangeError("a frame of the benchmark fits in 64 KiB");
  }
}

function writeFrame(writer: Writer, builder: FrameBuilder): number {
  writer.end = 0;
  builder.begin(writer);
  for (let id = 0; id < BATCH; id++) encodeReplicate(writer, id, DEADLINE, true, true, key, value);
  builder.finish(writer, 1, DEADLINE);
  return writer.end;
}

function parserSubject(commands: number): Subject {
  const parser = new RequestParser(respLimits(DEFAULT_LIMITS));
  const command = Buffer.concat([
    Buffer.from(`*3\r\n$3\r\nSET\r\n$${key.length}\r\n`),
    key,
    Buffer.from(`\r\n$${VALUE_BYTES}\r\n`),
    value,
    Buffer.from("\r\n"),
  ]);
  const chunk = Buffer.concat(new Array<Buffer>(commands).fill(command));
  return {
    name: "RequestParser",
    on: `${commands} × SET of 256 bytes`,
    run: () => {
      let parsed = 0;
      parser.push(chunk);
      while (parser.next() === "command") parsed++;
      if (parsed !== commands) throw new Error(`the parser found ${parsed} commands`);
      return parsed;
    },
  };
}

function frameSubjects(): Subject[] {
  const writer = new Writer();
  const builder = new FrameBuilder();
  writeFrame(writer, builder);
  const frame = writer.bytes.slice(0, writer.end);
  let payloadBytes = 0;
  const parser = new FrameParser(
    {
      onFrame: (_bytes, from, to) => {
        payloadBytes = to - from;
        return true;
      },
    },
    FRAME_BYTES_MAX,
  );
  return [
    {
      name: "encodeReplicate, FrameBuilder",
      on: "16 writes of 256 bytes",
      run: () => writeFrame(writer, builder),
    },
    {
      name: "FrameParser",
      on: "16 writes of 256 bytes",
      run: () => {
        if (!parser.push(frame)) throw new Error(parser.failure);
        return payloadBytes;
      },
    },
  ];
}

function roundSubject(): Subject {
  const keys = new Array<Uint8Array>(BATCH).fill(key);
  const values = new Array<Uint8Array>(BATCH).fill(value);
  const bytes = ROUND_HEADER_BYTES + BATCH * entryBytes(key, value);
  const round = { sequence: 1, count: BATCH, keys, values, ranges: [], bytes };
  const writer = new ByteWriter(bytes);
  const stamp = { syncedThrough: 0, flushedThrough: 0, seed: 1 };
  return {
    name: "encodeRound",
    on: "16 writes of 256 bytes",
    run: () => {
      encodeRound(round, stamp, writer);
      return writer.length;
    },
  };
}

export function wireSubjects(): Subject[] {
  return [parserSubject(1), parserSubject(BATCH), ...frameSubjects(), roundSubject()];
}
