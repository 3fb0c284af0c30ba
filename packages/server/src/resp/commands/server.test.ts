import { test } from "vitest";
import { array, expectConversation } from "../conversation.fixture.ts";
import { NOW_MS } from "../memory-member.fixture.ts";
import { bulk, startFace } from "../resp-server.fixture.ts";

test("time is the member's own", async () => {
  const face = await startFace();
  face.member.now += 7;
  await expectConversation(face, [
    ["time", array(bulk(String(NOW_MS / 1000)), bulk("7000"))],
    ["time now", "-ERR wrong number of arguments for 'time' command\r\n"],
  ]);
});

test("nothing deletes everything", async () => {
  const face = await startFace();
  const words = (name: string): string =>
    `-ERR ${name} is not offered: nothing here deletes everything at once; delete keys by name, or stop the cluster and empty its directories\r\n`;
  await expectConversation(face, [
    ["flushall", words("FLUSHALL")],
    ["flushdb async", words("FLUSHDB")],
  ]);
});
