import { expect, test } from "vitest";
import { TestClient, request, startFace, type TestFace } from "../resp-server.fixture.ts";

async function info(face: TestFace, said: readonly string[][], ...sections: string[]): Promise<string> {
  const client = await TestClient.connect(face.port);
  client.send(Buffer.concat([...said, ["info", ...sections], ["ping"]].map((words) => request(...words))));
  const text = await client.until((received) => received.endsWith("+PONG\r\n"));
  return text.slice(text.indexOf("\r\n# ") + 2, text.lastIndexOf("\r\n+PONG"));
}

function titles(text: string): string[] {
  return text.split("\r\n").filter((line) => line.startsWith("# "));
}

const said = [["set", "k", "v"], ["get", "k"], ["get"], ["get", "gone"], ["nosuch"], ["client", "id"]];

test("commands that ran, that failed, and that did not run", async () => {
  const face = await startFace();
  face.member.failures.set("gone", { code: "QUORUM", text: "too few" });
  const lines = (await info(face, said, "commandstats")).split("\r\n");
  expect(lines.map((line) => line.replaceAll(/usec=\d+,usec_per_call=\d+\.\d\d/g, "T"))).toEqual([
    "# Commandstats",
    "cmdstat_client|id:calls=1,T,rejected_calls=0,failed_calls=0",
    "cmdstat_get:calls=2,T,rejected_calls=1,failed_calls=1",
    "cmdstat_set:calls=1,T,rejected_calls=0,failed_calls=0",
    "",
  ]);
});

test("errors by their first words, and in all", async () => {
  const face = await startFace();
  face.member.failures.set("gone", { code: "QUORUM", text: "too few" });
  expect(await info(face, said, "errorstats")).toBe(
    "# Errorstats\r\nerrorstat_ERR:count=2\r\nerrorstat_QUORUM:count=1\r\n",
  );
  expect(await info(face, [], "stats")).toContain("total_error_replies:3\r\n");
});

test("percentiles lie within their buckets", async () => {
  const face = await startFace();
  const row = face.server.commands.find(Buffer.from("get"))?.row ?? 0;
  // What began so long ago; the turn takes a little more, however busy the machine is.
  for (const [agoMs, count] of [
    [2_000, 98],
    [20_000, 1],
    [100_000, 1],
  ] as const) {
    for (let index = 0; index < count; index++) face.server.meter.ended(row, 0, performance.now() - agoMs);
  }
  const [, p50 = "", p99 = "", p999 = ""] =
    /^latency_percentiles_usec_get:p50=(\d+\.\d{3}),p99=(\d+\.\d{3}),p99\.9=(\d+\.\d{3})$/m.exec(
      (await info(face, [], "latencystats")).replaceAll("\r", ""),
    ) ?? [];
  expect(Number(p50)).toBeGreaterThan(1_000_000);
  expect(Number(p50)).toBeLessThan(10_000_000);
  expect(Number(p99)).toBeGreaterThan(10_000_000);
  expect(Number(p999)).toBe(60_000_000);
});

test.each([
  [[], false],
  [["default"], false],
  [["all"], true],
  [["EVERYTHING"], true],
])("INFO %j has the statistics of commands: %j", async (sections, has) => {
  const face = await startFace();
  const found = titles(await info(face, [["ping"]], ...sections));
  expect(found).toEqual(expect.arrayContaining(["# Server", "# Errorstats", "# Kvorum"]));
  for (const section of ["# Commandstats", "# Latencystats"]) expect(found.includes(section)).toBe(has);
  const more = await info(face, [], "default", "commandstats");
  expect(titles(more)).toEqual(expect.arrayContaining(["# Server", "# Commandstats"]));
});
