import { describe, expect, test } from "vitest";
import { PAGE_BYTES, ReplyWriter, type Parked, type Protocol } from "./reply-writer.ts";

function written(writer: ReplyWriter): string {
  return Buffer.from(writer.bytes.subarray(writer.from, writer.end)).toString("latin1");
}

function encode(protocol: Protocol, write: (out: ReplyWriter) => void): string {
  const writer = new ReplyWriter();
  write(writer.begin(protocol));
  writer.finish();
  return written(writer);
}

const cases: readonly (readonly [
  name: string,
  resp2: string,
  resp3: string,
  write: (out: ReplyWriter) => void,
])[] = [
  ["ok", "+OK\r\n", "+OK\r\n", (out) => out.ok()],
  ["simple", "+PONG\r\n", "+PONG\r\n", (out) => out.simple("PONG")],
  ["error", "-ERR no\r\n", "-ERR no\r\n", (out) => out.error("ERR no")],
  ["error with line breaks", "-ERR a  b\r\n", "-ERR a  b\r\n", (out) => out.error("ERR a\r\nb")],
  ["integer", ":0\r\n", ":0\r\n", (out) => out.integer(0)],
  ["negative integer", ":-12\r\n", ":-12\r\n", (out) => out.integer(-12)],
  [
    "large integer",
    ":9007199254740991\r\n",
    ":9007199254740991\r\n",
    (out) => out.integer(Number.MAX_SAFE_INTEGER),
  ],
  [
    "round integers",
    ":9:10:99:100:1000".replaceAll(/:(\d+)/g, ":$1\r\n"),
    ":9:10:99:100:1000".replaceAll(/:(\d+)/g, ":$1\r\n"),
    (out) => [9, 10, 99, 100, 1000].forEach((n) => out.integer(n)),
  ],
  ["bulk", "$3\r\na\0\xff\r\n", "$3\r\na\0\xff\r\n", (out) => out.bulk(Uint8Array.of(0x61, 0, 0xff))],
  ["empty bulk", "$0\r\n\r\n", "$0\r\n\r\n", (out) => out.bulk(new Uint8Array(0))],
  [
    "longer bulk",
    `$100\r\n${"x".repeat(100)}\r\n`,
    `$100\r\n${"x".repeat(100)}\r\n`,
    (out) => out.bulk(Buffer.from("x".repeat(100))),
  ],
  ["text", "$3\r\nabc\r\n", "$3\r\nabc\r\n", (out) => out.text("abc")],
  ["text in UTF-8", "$3\r\na\xc3\xa9\r\n", "$3\r\na\xc3\xa9\r\n", (out) => out.text("a\u00e9")],
  [
    "long text",
    `$60\r\n${"x".repeat(60)}\r\n`,
    `$60\r\n${"x".repeat(60)}\r\n`,
    (out) => out.text("x".repeat(60)),
  ],
  ["null", "$-1\r\n", "_\r\n", (out) => out.null()],
  [
    "array",
    "*2\r\n:1\r\n:2\r\n",
    "*2\r\n:1\r\n:2\r\n",
    (out) => [() => out.array(2), () => out.integer(1), () => out.integer(2)].forEach((step) => step()),
  ],
  ["map", "*4\r\n", "%2\r\n", (out) => out.map(2)],
  ["set", "*2\r\n", "~2\r\n", (out) => out.set(2)],
  ["true", ":1\r\n", "#t\r\n", (out) => out.boolean(true)],
  ["false", ":0\r\n", "#f\r\n", (out) => out.boolean(false)],
  ["verbatim", "$2\r\nhi\r\n", "=6\r\ntxt:hi\r\n", (out) => out.verbatim("hi")],
];

test.each(cases)("%s", (_name, resp2, resp3, write) => {
  expect(encode(2, write)).toBe(resp2);
  expect(encode(3, write)).toBe(resp3);
});

describe("pages", () => {
  function parked(writer: ReplyWriter, text: string): Parked {
    const place: Parked = { page: null, from: 0, to: 0 };
    writer.begin(2).simple(text);
    writer.finish();
    writer.park(place);
    return place;
  }

  function textOf({ page, from, to }: Parked): string {
    return Buffer.from(page?.bytes.subarray(from, to) ?? []).toString("latin1");
  }

  test("a reply that is copied away leaves no trace", () => {
    const writer = new ReplyWriter();
    for (let i = 0; i < 3; i++) {
      writer.begin(2).integer(i);
      writer.finish();
      expect(writer.from).toBe(0);
      writer.forget();
    }
  });

  test("a parked reply stays as it is while others are written", () => {
    const writer = new ReplyWriter();
    const first = parked(writer, "first");
    writer.begin(2).bulk(Buffer.alloc(PAGE_BYTES - 200));
    writer.finish();
    writer.forget();
    const second = parked(writer, "second");
    expect([textOf(first), textOf(second)]).toEqual(["+first\r\n", "+second\r\n"]);
    writer.release(second);
    expect(textOf(first)).toBe("+first\r\n");
  });

  test("a reply that outgrows the page moves whole, and its page is used again once nothing is parked there", () => {
    const writer = new ReplyWriter();
    const first = parked(writer, "first");
    const page = first.page;
    const value = Buffer.alloc(PAGE_BYTES - 70, 0x61);
    writer.begin(2).array(2);
    writer.bulk(value);
    writer.integer(7);
    writer.finish();
    expect(written(writer)).toBe(`*2\r\n$${value.length}\r\n${value.toString()}\r\n:7\r\n`);
    const large: Parked = { page: null, from: 0, to: 0 };
    writer.park(large);
    expect(textOf(first)).toBe("+first\r\n");
    writer.release(first);
    writer.begin(2).bulk(Buffer.alloc(PAGE_BYTES - 100));
    expect(writer.bytes === page?.bytes).toBe(true);
  });

  test("a reply larger than a page has a page of its own, which is never written again", () => {
    const writer = new ReplyWriter();
    writer.begin(3).bulk(Buffer.alloc(3 * PAGE_BYTES, 0x62));
    writer.finish();
    const own = writer.bytes;
    expect(own.length).toBeGreaterThan(3 * PAGE_BYTES);
    writer.forget();
    writer.begin(3).simple("next");
    writer.finish();
    expect(writer.bytes === own).toBe(false);
    expect(writer.bytes.length).toBe(PAGE_BYTES);
  });

  test("a reply whose size is known is written where it stays", () => {
    const writer = new ReplyWriter();
    writer.begin(2).array(40);
    writer.reserveBulks(40, 40 * PAGE_BYTES);
    const own = writer.bytes;
    expect(own.length).toBeLessThan(40 * PAGE_BYTES + 1_000);
    for (let i = 0; i < 40; i++) writer.bulk(Buffer.alloc(PAGE_BYTES));
    expect(writer.bytes === own).toBe(true);
    writer.finish();
  });

  test("two replies are never written at once", () => {
    const writer = new ReplyWriter();
    writer.begin(2);
    expect(() => writer.begin(2)).toThrow("one reply is written at a time");
  });
});
