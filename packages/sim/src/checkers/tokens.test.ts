import { expect, test } from "vitest";
import { MadeHistory } from "./made-history.fixture.ts";
import { checkTokens } from "./tokens.ts";

test("a write with another key's token must not be acknowledged", () => {
  const history = new MadeHistory();
  const read = history.read(0, 5, []);
  history.put(10, 20, { contextOf: read });
  expect(checkTokens(history)).toEqual([]);
  const wrong = history.put(10, 20, { contextOf: read, isForeign: true });
  expect(checkTokens(history).map(({ operations }) => operations)).toEqual([[wrong]]);
});
