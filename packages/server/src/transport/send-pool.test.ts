import { expect, test } from "vitest";
import { SEND_BYTES_MIN, SendPool, type SendUser } from "./send-pool.ts";

const KIB = 1024;

class Sink implements SendUser {
  readonly written: string[] = [];
  readonly done: (() => void)[] = [];
  sent = 0;

  write(chunk: Buffer, done: () => void): boolean {
    this.written.push(chunk.toString("latin1"));
    this.done.push(done);
    return true;
  }

  onSent(count: number): void {
    this.sent += count;
  }
}

test("a buffer is lent out again only when its bytes are gone", () => {
  const pool = new SendPool();
  const sink = new Sink();
  const buffer = pool.take(10);
  expect(buffer.bytes.length).toBe(SEND_BYTES_MIN);
  buffer.bytes.set([0x61, 0x62, 0x63]);
  buffer.send(sink, 2, sink);
  expect(sink.written).toEqual(["ab"]);
  expect(sink.sent).toBe(0);
  expect(pool.take(10)).not.toBe(buffer);
  sink.done[0]?.();
  expect(sink.sent).toBe(2);
  expect(pool.take(10)).toBe(buffer);
});

test("sizes double up to a mebibyte and are kept apart; larger ones are exact and not kept", () => {
  const pool = new SendPool();
  for (const [asked, got] of [
    [64 * KIB, 64 * KIB],
    [64 * KIB + 1, 128 * KIB],
    [200 * KIB, 256 * KIB],
    [1024 * KIB, 1024 * KIB],
    [1024 * KIB + 1, 1024 * KIB + 1],
  ] as const) {
    const buffer = pool.take(asked);
    expect(buffer.bytes.length).toBe(got);
    expect(buffer.view.byteLength).toBe(got);
    pool.give(buffer);
    expect(pool.take(asked) === buffer).toBe(got <= 1024 * KIB);
  }
});

test("what lies idle is bounded", () => {
  const pool = new SendPool();
  const buffers = Array.from({ length: 20 }, () => pool.take(1024 * KIB));
  for (const buffer of buffers) pool.give(buffer);
  expect(pool.idleBytes).toBe(8 * 1024 * KIB);
});
