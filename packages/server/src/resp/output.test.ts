import { expect, test } from "vitest";
import { BLOCK_BYTES, BlockPool } from "./block-pool.ts";
import { BITE_BYTES, Output } from "./output.ts";

/** A socket that remembers, and takes bytes when told to. */
class SlowSink {
  readonly written: Uint8Array[] = [];
  readonly calls: string[] = [];
  readonly #taken: (() => void)[] = [];

  cork(): void {
    this.calls.push("cork");
  }

  uncork(): void {
    this.calls.push("uncork");
  }

  write(bytes: Uint8Array, taken: () => void): boolean {
    this.calls.push("write");
    this.written.push(bytes);
    this.#taken.push(taken);
    return false;
  }

  take(): void {
    this.#taken.shift()?.();
  }

  get text(): string {
    return Buffer.concat(this.written).toString("latin1");
  }
}

function outputTo(sink: SlowSink): { output: Output; pool: BlockPool; drained: () => number } {
  let times = 0;
  const pool = new BlockPool();
  return {
    output: new Output(
      pool,
      sink,
      () => 0,
      () => void times++,
    ),
    pool,
    drained: () => times,
  };
}

test("what is appended in a turn goes out in one write", () => {
  const sink = new SlowSink();
  const { output, drained } = outputTo(sink);
  for (const word of ["+OK\r\n", ":1\r\n", "x".repeat(100)])
    output.append(Buffer.from(`..${word}`), 2, word.length + 2);
  output.flush();
  expect(sink.calls).toEqual(["write"]);
  expect(sink.text).toBe(`+OK\r\n:1\r\n${"x".repeat(100)}`);
  expect(output.unsent).toBe(109);
  sink.take();
  expect([output.unsent, drained()]).toEqual([0, 1]);
});

test("nothing to say is not said", () => {
  const sink = new SlowSink();
  outputTo(sink).output.flush();
  expect(sink.calls).toEqual([]);
});

test("what does not fit in a block, and what is taken over, goes out together in order", () => {
  const sink = new SlowSink();
  const { output, drained } = outputTo(sink);
  const long = "y".repeat(2 * BLOCK_BYTES + 10);
  const own = Buffer.from("z".repeat(1000));
  output.append(Buffer.from("head"), 0, 4);
  output.append(Buffer.from(long), 0, long.length);
  output.adopt(own);
  output.append(Buffer.from("tail"), 0, 4);
  output.flush();
  expect(sink.text).toBe(`head${long}${own.toString()}tail`);
  expect(sink.calls).toEqual(["cork", "write", "write", "write", "write", "write", "uncork"]);
  expect(sink.written[3]?.buffer).toBe(own.buffer);
  for (let i = 0; i < 4; i++) sink.take();
  expect(drained()).toBe(0);
  sink.take();
  expect([output.unsent, drained()]).toEqual([0, 1]);
});

test("a block is used again only when the socket has taken it", () => {
  const sink = new SlowSink();
  const { output } = outputTo(sink);
  const say = (text: string): void => {
    output.append(Buffer.from(text), 0, text.length);
    output.flush();
  };
  say("one");
  const first = sink.written[0]?.buffer;
  say("two");
  expect(sink.text).toBe("one");
  sink.take();
  const second = sink.written[1]?.buffer;
  expect(second === first).toBe(false);
  sink.take();
  say("three");
  expect(sink.written[2]?.buffer === second).toBe(true);
});

test("small replies to a client that takes nothing share blocks", () => {
  const sink = new SlowSink();
  const { output } = outputTo(sink);
  for (let turn = 0; turn < 1000; turn++) {
    output.append(Buffer.from("+PONG\r\n"), 0, 7);
    output.flush();
  }
  expect([sink.calls.length, output.unsent]).toEqual([1, 7000]);
  sink.take();
  expect(sink.text).toBe("+PONG\r\n".repeat(1000));
  expect(sink.written).toHaveLength(2);
});

test("the socket is handed a bite at a time, and progress is seen with each", () => {
  const sink = new SlowSink();
  let nowMs = 0;
  let taken = 0;
  const output = new Output(
    new BlockPool(),
    sink,
    () => nowMs,
    () => void taken++,
  );
  nowMs = 5;
  output.adopt(Buffer.alloc(2 * BITE_BYTES + 1));
  output.flush();
  expect([sink.written.length, output.takenMs, output.isHandedOver]).toEqual([1, 5, false]);
  nowMs = 10;
  sink.take();
  expect([sink.written.length, output.takenMs, output.unsent, taken]).toEqual([2, 10, BITE_BYTES + 1, 1]);
  sink.take();
  expect([sink.written.length, output.isHandedOver]).toEqual([3, true]);
  sink.take();
  expect([output.unsent, taken]).toEqual([0, 3]);
});

test("a connection that is gone gives its blocks back", () => {
  const sink = new SlowSink();
  const { output, pool } = outputTo(sink);
  output.append(Buffer.from("never sent"), 0, 10);
  output.discard();
  output.flush();
  expect(sink.calls).toEqual([]);
  const block = pool.take();
  expect(block.subarray(0, 10).toString()).toBe("never sent");
});
