import { createServer } from "node:net";
import { expect, test } from "vitest";
import { takenPorts } from "./ports.ts";

test("a port that somebody listens on is taken, and free again afterwards", async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
  const bound = holder.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : 0;
  const wanted = { port, use: "redis of member-1" };
  expect(await takenPorts([wanted])).toEqual([wanted]);
  await new Promise((resolve) => holder.close(resolve));
  expect(await takenPorts([wanted])).toEqual([]);
});
