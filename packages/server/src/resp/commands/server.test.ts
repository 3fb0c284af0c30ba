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
