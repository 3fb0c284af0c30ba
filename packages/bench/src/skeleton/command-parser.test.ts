import { expect, it } from "vitest";
import { CommandParser } from "./command-parser.ts";

const text =
  "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\n\r\nv\r\r\n*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nGET\r\n$0\r\n\r\n";

function read(chunks: readonly string[]): string[][] {
  const parser = new CommandParser();
  const found: string[][] = [];
  for (const chunk of chunks) {
    parser.push(Buffer.from(chunk));
    while (parser.next()) found.push(parser.args.map(String));
  }
  return found;
}

it("finds the same commands wherever the bytes are split", () => {
  const whole = [["SET", "k", "\r\nv\r"], ["PING"], ["GET", ""]];
  expect(read([text])).toEqual(whole);
  for (let at = 1; at < text.length; at++) expect(read([text.slice(0, at), text.slice(at)])).toEqual(whole);
  expect(read(text.split(""))).toEqual(whole);
});
