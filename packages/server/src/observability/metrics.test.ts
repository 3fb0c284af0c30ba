import { expect, onTestFinished, test } from "vitest";
import { MemoryMember } from "../resp/memory-member.fixture.ts";
import { startFace, TestClient, testHost, type TestFace } from "../resp/resp-server.fixture.ts";
import { exposition } from "./exposition.ts";
import { readExposition, type Exposition } from "./exposition.fixture.ts";
import { BUCKET_SECONDS, FixedHistogram } from "./fixed-histogram.ts";
import { metricsText } from "./metrics.ts";
import { statusFamilies } from "./status-families.ts";

const idle = new FixedHistogram(1).read(0);

async function scrape({ member, server }: Pick<TestFace, "member" | "server">): Promise<Exposition> {
  const text = await metricsText({
    member,
    resp: server,
    http: { refused: 3 },
    loop: { delays: idle },
    host: testHost,
  });
  return readExposition(text);
}

/** Sends inline commands and waits until all have been answered. */
async function send(client: TestClient, ...commands: string[]): Promise<void> {
  client.send([...commands, "ECHO answered", ""].join("\r\n"));
  await client.until((text) => text.includes("answered"));
}

test("the page is what Prometheus reads, and every number is in it", async () => {
  const face = await startFace();
  const page = await scrape(face);
  expect(page.value("kvorum_build_info", { release: "0.0.0-test" })).toBe(1);
  expect(page.value("kvorum_member_info", { member: "member-1", state: "serving" })).toBe(1);
  expect(page.value("kvorum_ready", { for: "traffic" })).toBe(1);
  expect(page.value("kvorum_storage_journal_segments")).toBe(1);
  expect(page.value("kvorum_process_disk_free_bytes")).toBe(1_000);
  expect(page.value("kvorum_process_resident_bytes")).toBeGreaterThan(1e6);
  expect(page.value("kvorum_clock_now_seconds")).toBe(1_800_000_000);
  expect(page.types.get("kvorum_caches_hits_total")).toBe("counter");
  expect(page.types.get("kvorum_process_loop_delay_seconds")).toBe("histogram");
});

test("every number of the status is described, and what only grows is a counter", () => {
  const families = statusFamilies(new MemoryMember().status());
  expect(families.filter(({ help }) => help.endsWith(" of the status"))).toEqual([]);
  const kinds = new Map(families.map(({ name, kind }) => [name, kind]));
  expect(kinds.get("kvorum_conflicts_noted_total")).toBe("counter");
  expect(kinds.get("kvorum_conflicts_overflowed_total")).toBe("counter");
  expect(kinds.get("kvorum_conflicts_entries")).toBe("gauge");
});

test("exchanges are counted by peer, and the age of the oldest proof is in seconds", async () => {
  const page = await scrape(await startFace());
  const of = (name: string): number => page.value(`kvorum_${name}`, { peer: "member-2" });
  expect([of("exchanges_total"), of("exchange_different_total"), of("exchange_repaired_total")]).toEqual([
    9, 5, 4,
  ]);
  expect([of("exchange_oldest_proof_seconds"), of("exchange_partitions"), of("exchange_proven")]).toEqual([
    90, 16, 15,
  ]);
  expect(of("exchange_bytes_total")).toBe(2_000);
  expect(page.value("kvorum_upkeep_slots_unknown")).toBe(3);
  expect(page.types.get("kvorum_exchange_repaired_total")).toBe("counter");
  expect(page.types.has("kvorum_exchange_peer")).toBe(false);
});

test("commands are counted by what they end in, and their buckets add up", async () => {
  const face = await startFace();
  const client = await TestClient.connect(face.port);
  face.member.failures.set("bad", { code: "QUORUM", text: "" });
  await send(client, "SET a 1", "GET a", "GET a", "GET bad", "MGET a bad", "CLIENT ID", "NOSUCH", "GET");
  const page = await scrape(face);
  const requests = (command: string, outcome: string): number =>
    page.value("kvorum_resp_requests_total", { command, outcome });
  expect([requests("set", "OK"), requests("get", "OK"), requests("get", "QUORUM")]).toEqual([1, 2, 1]);
  expect([requests("mget", "QUORUM"), requests("client|id", "OK")]).toEqual([1, 1]);
  expect([requests("unknown", "ERR"), requests("get", "ERR")]).toEqual([1, 1]);
  const buckets = page.series.filter(
    ({ name, labels }) => name === "kvorum_resp_request_seconds_bucket" && labels["command"] === "get",
  );
  expect(buckets.map(({ labels }) => labels["le"])).toEqual([...BUCKET_SECONDS.map(String), "+Inf"]);
  expect(buckets.map(({ value }) => value)).toEqual(
    buckets.map(({ value }) => value).toSorted((a, b) => a - b),
  );
  expect(buckets.at(-1)?.value).toBe(4);
  expect(page.value("kvorum_resp_request_seconds_count", { command: "get" })).toBe(4);
});

test("the clients' door: what they hold and may hold, who waits, who was turned away or closed, and why", async () => {
  const face = await startFace({
    resp: { connectionsMax: 2, idleMsMax: 1, turnedAwayMax: 1, lingerMs: 60_000 },
  });
  face.member.answering = "held";
  onTestFinished(() => face.member.release());
  const [walker, broken] = [await TestClient.connect(face.port), await TestClient.connect(face.port)];
  walker.send("GET k\r\nSCAN 0\r\n");
  await expect.poll(() => face.member.held).toBe(2);
  for (let i = 0; i < 2; i++) {
    await TestClient.connect(face.port);
    await expect.poll(() => face.server.stats.connectionsRefused).toBe(i + 1);
  }
  broken.send("*x\r\n");
  await broken.until((text) => text.includes("Protocol error"));
  const page = await scrape(face);
  const of = (name: string, labels: Record<string, string> = {}): number =>
    page.value(`kvorum_resp_${name}`, labels);
  expect(of("connections_max")).toBe(2);
  expect(of("connections_refused_total", { reason: "connectionsMax" })).toBe(1);
  expect(of("connections_refused_total", { reason: "turnedAwayMax" })).toBe(1);
  expect(of("connections_closed_total", { reason: "protocol" })).toBe(1);
  expect(of("connections_closed_total", { reason: "idleMsMax" })).toBe(0);
  expect(of("held_bytes", { of: "in_flight" })).toBeGreaterThan(0);
  expect(of("held_bytes", { of: "reading" })).toBeGreaterThan(0);
  expect(of("held_bytes_max", { of: "output" })).toBe(face.server.limits.outputTotalBytesMax);
  expect([of("walks", { of: "pages" }), of("walks_waiting", { of: "pages" })]).toEqual([1, 0]);
  expect(page.value("kvorum_http_connections_refused_total")).toBe(3);
  expect(face.events.filter((event) => event.startsWith("client-"))).toEqual([
    "client-refused: there are 2 connections, the limit (connectionsMax)",
    "client-refused: there are 2 connections, the limit (connectionsMax)",
    expect.stringMatching(/^client-closed: ERR Protocol error/),
  ]);
});

test("a counter that somebody adds to the status is a metric without a word elsewhere", () => {
  const status = new MemoryMember().status();
  const extended = {
    ...status,
    peers: [{ id: 2, name: "pear", state: "down" as const, reason: "x", roundTripMs: 20, clockOffsetMs: -5 }],
    counters: { ...status.counters, failures: { QUORUM: 3, TIMEOUT: 1 }, readRepairs: 7 },
    ledger: { entries: 9, oldestMs: 1_500, full: true, name: "text is no number" },
  };
  const families = new Map(statusFamilies(extended).map((one) => [one.name, one]));
  expect(families.get("kvorum_read_repairs_total")).toMatchObject({
    kind: "counter",
    samples: [{ labels: {}, value: 7 }],
  });
  expect(families.get("kvorum_ledger_oldest_seconds")?.samples).toEqual([{ labels: {}, value: 1.5 }]);
  expect(families.get("kvorum_ledger_full")?.samples).toEqual([{ labels: {}, value: 1 }]);
  expect(families.has("kvorum_ledger_name")).toBe(false);
  expect(families.get("kvorum_failures_total")?.samples).toEqual([
    { labels: { code: "QUORUM" }, value: 3 },
    { labels: { code: "TIMEOUT" }, value: 1 },
  ]);
  expect(families.get("kvorum_peer_clock_offset_seconds")?.samples).toEqual([
    { labels: { peer: "pear" }, value: -0.005 },
  ]);
  expect(families.get("kvorum_peer_state")?.samples).toContainEqual({
    labels: { peer: "pear", state: "down" },
    value: 1,
  });
});

test("names of members are escaped, and of two families with one name the first is told", async () => {
  const one = { name: "kvorum_a", help: "a\nb\\c", kind: "gauge" as const };
  const page = readExposition(
    await exposition(
      [
        { ...one, samples: [{ labels: { peer: 'a"b\\c\nd' }, value: -1.5 }] },
        { ...one, kind: "counter", samples: [{ labels: {}, value: 2 }] },
        { ...one, name: "kvorum_none", samples: [] },
      ],
      [],
    ),
  );
  expect(page.series).toEqual([{ name: "kvorum_a", labels: { peer: 'a\\"b\\\\c\\nd' }, value: -1.5 }]);
});

test("slow commands are told by name once a second, without their keys", async () => {
  const face = await startFace({ slowRequestMs: 20 });
  onTestFinished(() => face.member.release());
  const client = await TestClient.connect(face.port);
  face.member.answering = "held";
  const answers = send(client, "GET secret-key", "GET secret-key", "SET other secret-value");
  await expect.poll(() => face.member.held).toBe(3);
  await new Promise((resolve) => setTimeout(resolve, 60));
  while (face.member.held > 0) face.member.release();
  await answers;
  const slow = face.events.filter((event) => event.startsWith("slow-request"));
  expect(slow).toEqual([expect.stringMatching(/^slow-request: get took \d+ ms and ended in OK$/)]);
  expect(face.events.join()).not.toContain("secret");
  expect(face.server.meter.slow).toBe(3);
});
