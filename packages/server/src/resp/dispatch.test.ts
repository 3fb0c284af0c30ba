/** How many arguments commands take. */
import { expect, test } from "vitest";
import { TestClient, request, startFace } from "./resp-server.fixture.ts";

test.each([
  [2, "*2\r\n$-1\r\n$-1\r\n"],
  [3, "*3\r\n$-1\r\n$-1\r\n$-1\r\n"],
  [4, "-TOOLARGE 'mget' was given 4 keys, the limit is 3 (keysMax); ask for fewer at a time\r\n"],
])("%d keys where 3 may be", async (count, reply) => {
  const face = await startFace({ resp: { keysMax: 3 } });
  const client = await TestClient.connect(face.port);
  expect(await client.ask(request("MGET", ...new Array<string>(count).fill("k")), reply)).toBe(reply);
});

test("keys are counted, not their values", async () => {
  const face = await startFace({ resp: { keysMax: 3 } });
  const client = await TestClient.connect(face.port);
  expect(await client.ask(request("MSET", "a", "1", "b", "2", "c", "3"), "+OK\r\n")).toBe("+OK\r\n");
  const refused = "-TOOLARGE 'mset' was given 4 keys, the limit is 3 (keysMax); ask for fewer at a time\r\n";
  expect(await client.ask(request("MSET", "a", "1", "b", "2", "c", "3", "d", "4"), refused)).toBe(refused);
});

const REFUSED = "-TOOLARGE 'command|info' was given 6 arguments, the limit is 5 (wordsMax)\r\n";

test.each([
  [2, null],
  [3, null],
  [4, REFUSED],
])("a command without keys, %d words where 3 may be", async (count, refused) => {
  const face = await startFace({ resp: { wordsMax: 5 } });
  const client = await TestClient.connect(face.port);
  const reply = refused ?? `*${count}\r\n${"$-1\r\n".repeat(count)}`;
  const asked = request("COMMAND", "INFO", ...new Array<string>(count).fill("nosuch"));
  expect(await client.ask(asked, reply)).toBe(reply);
});
