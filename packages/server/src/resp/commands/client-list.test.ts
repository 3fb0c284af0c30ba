import { expect, test } from "vitest";
import { OK, expectConversation } from "../conversation.fixture.ts";
import { TestClient, request, startFace } from "../resp-server.fixture.ts";

/** The lines of a verbatim reply to CLIENT LIST or INFO. */
async function lines(client: TestClient, ...words: string[]): Promise<string[]> {
  client.send(Buffer.concat([request(...words), request("echo", "end")]));
  const before = client.text.length;
  const text = (await client.until((all) => all.slice(before).endsWith("$3\r\nend\r\n"))).slice(before);
  return text.split("\r\n")[1]?.split("\n").slice(0, -1) ?? [];
}

test("clients are listed with what is known about them", async () => {
  const face = await startFace();
  const first = await TestClient.connect(face.port);
  await first.ask(request("client", "setname", "app"), OK);
  await first.ask(request("client", "setinfo", "lib-name", "thing"), OK);
  const second = await TestClient.connect(face.port);
  const [own] = await lines(second, "client", "info");
  const { localPort } = second.socket;
  expect(own).toMatch(
    new RegExp(
      `^id=2 addr=127.0.0.1:${localPort} laddr=127.0.0.1:${face.port} name= age=0 idle=0 flags=N db=0 sub=0 psub=0 ssub=0 multi=-1 qbuf=0 qbuf-free=0 argv-mem=0 multi-mem=0 obl=0 oll=0 omem=0 tot-mem=0 events=r cmd=client\\|info user=default redir=-1 resp=2 lib-name= lib-ver=$`,
    ),
  );
  const all = await lines(second, "client", "list");
  expect(all).toHaveLength(2);
  expect(all[0]).toContain("id=1 ");
  expect(all[0]).toContain("name=app");
  expect(all[0]).toContain("lib-name=thing");
  expect(all[0]).toContain("cmd=client|setinfo");
  expect(await lines(second, "client", "list", "id", "2", "7")).toEqual([
    expect.stringContaining("id=2 ") as string,
  ]);
  expect(await lines(second, "client", "list", "type", "normal")).toHaveLength(2);
  expect(await lines(second, "client", "list", "type", "pubsub")).toEqual([]);
});

test("wrong questions about clients", async () => {
  const face = await startFace();
  await expectConversation(face, [
    ["client list foo", "-ERR syntax error\r\n"],
    ["client list id", "-ERR syntax error\r\n"],
    ["client list id x", "-ERR Invalid client ID\r\n"],
    ["client list type foo", "-ERR Unknown client type 'foo'\r\n"],
    ["client kill 1.2.3.4:5", "-ERR No such client\r\n"],
    ["client kill id", "-ERR No such client\r\n"],
    ["client kill id x", "-ERR client-id should be greater than 0\r\n"],
    ["client kill foo bar", "-ERR syntax error\r\n"],
    ["client kill type foo", "-ERR Unknown client type 'foo'\r\n"],
    ["client kill user foo", "-ERR No such user 'foo'\r\n"],
    ["client kill id 1 skipme maybe", "-ERR syntax error\r\n"],
    ["client kill id 1 addr", "-ERR syntax error\r\n"],
    ["client kill id 99", ":0\r\n"],
    ["client kill id 1", ":0\r\n"],
    ["client no-evict on", OK],
    ["client no-touch off", OK],
    ["client no-evict maybe", "-ERR syntax error\r\n"],
  ]);
});

test("clients are closed, and the operator hears of it", async () => {
  const face = await startFace();
  const [killer, first, second] = [
    await TestClient.connect(face.port),
    await TestClient.connect(face.port),
    await TestClient.connect(face.port),
  ];
  for (const client of [killer, first, second]) await client.ask(request("ping"), "+PONG\r\n");
  const address = `127.0.0.1:${first.socket.localPort ?? 0}`;
  expect(await killer.ask(request("client", "kill", address), OK)).toBe(OK);
  await first.untilEnd();
  expect(await killer.ask(request("client", "kill", "type", "normal", "user", "default"), ":1\r\n")).toBe(
    ":1\r\n",
  );
  await second.untilEnd();
  expect(await killer.ask(request("client", "kill", "skipme", "no", "id", "1"), ":1\r\n")).toBe(":1\r\n");
  await killer.untilEnd();
  expect(face.events[0]).toContain("client was closed by CLIENT KILL of 127.0.0.1:");
});
