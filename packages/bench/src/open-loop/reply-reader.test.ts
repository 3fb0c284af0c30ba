import { expect, it } from "vitest";
import { ReplyReader } from "./reply-reader.ts";

const text = "+OK\r\n$-1\r\n-QUORUM 1 of 2 homes\r\n$5\r\na\r\n+b\r\n:12\r\n$0\r\n\r\n-ERR\r\n";
const kinds = [null, null, "QUORUM", null, null, null, "ERR"];

function read(chunks: readonly string[]): (string | null)[] {
  const found: (string | null)[] = [];
  const reader = new ReplyReader((error) => void found.push(error));
  for (const chunk of chunks) reader.push(Buffer.from(chunk));
  return found;
}

it("finds the same replies wherever the bytes are split", () => {
  expect(read([text])).toEqual(kinds);
  for (let at = 1; at < text.length; at++) expect(read([text.slice(0, at), text.slice(at)])).toEqual(kinds);
  expect(read(text.split(""))).toEqual(kinds);
});
