import { expect, test } from "vitest";
import { TestClient, request, startFace } from "./resp-server.fixture.ts";

test("CONFIG RESETSTAT begins INFO's counts anew, and leaves those of Prometheus alone", async () => {
  const face = await startFace();
  const client = await TestClient.connect(face.port);
  const ask = async (...said: readonly string[][]): Promise<string> => {
    const before = client.text.length;
    client.send(Buffer.concat([...said, ["echo", "end"]].map((words) => request(...words))));
    return (await client.until((text) => text.slice(before).endsWith("$3\r\nend\r\n"))).slice(before);
  };
  await ask(["get", "a"], ["get"], ["nosuch"]);
  expect(await ask(["info", "all"])).toMatch(/cmdstat_get:calls=1,.*rejected_calls=1,failed_calls=0\r\n/);
  expect(await ask(["config", "resetstat"])).toContain("+OK\r\n");
  const fresh = await ask(["info", "all"]);
  expect(fresh).not.toMatch(/cmdstat_get|errorstat_|usec_get/);
  for (const line of ["total_error_replies:0", "total_connections_received:0", "connected_clients:1"])
    expect(fresh).toContain(`${line}\r\n`);
  expect(Number(/total_commands_processed:(\d+)/.exec(fresh)?.[1])).toBeLessThan(5);

  await ask(["get", "a"], ["get", "a"], ["get"], ["get"], ["get"]);
  const later = await ask(["info", "all"]);
  expect(later).toMatch(/cmdstat_get:calls=2,.*rejected_calls=3,failed_calls=0\r\n/);
  expect(later).toContain("errorstat_ERR:count=3\r\n");
  expect(later).toMatch(/latency_percentiles_usec_get:p50=\d/);
  const get = face.server.meter.read().find(({ command }) => command === "get");
  expect([get?.latency.count, get?.rejected]).toEqual([7, 4]);
});
