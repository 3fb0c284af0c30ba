/** Alerts that name a metric nobody has stay quiet for ever: what docs/operating.md names must be there. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { COMMANDS } from "../resp/commands/table.ts";
import { startFace, TestClient, testHost } from "../resp/resp-server.fixture.ts";
import { FixedHistogram } from "./fixed-histogram.ts";
import { readExposition } from "./exposition.fixture.ts";
import { metricsText } from "./metrics.ts";

const page = readFileSync(new URL("../../../../docs/operating.md", import.meta.url), "utf8");

test("the alert on writes whose outcome is unknown names all commands that write, and no other", () => {
  const [, escaped = ""] = /command=~"([^"]+)",outcome=~"TIMEOUT/.exec(page) ?? [];
  const named = new RegExp(`^(?:${escaped.replaceAll("\\|", "|").replaceAll(".", "\\.")})$`);
  const found = COMMANDS.commands.filter(({ name }) => named.test(name));
  expect(found.length).toBeGreaterThan(10);
  expect(found).toEqual(COMMANDS.commands.filter(({ effect }) => effect === "write"));
});

test("every metric that the page for operators names is on the page for Prometheus", async () => {
  const { member, server, port } = await startFace();
  const status = member.status();
  const peer = {
    id: 2,
    name: "member-2",
    state: "up" as const,
    reason: "",
    roundTripMs: 1,
    clockOffsetMs: 0,
  };
  const counters = { ...status.counters, failures: { QUORUM: 1 } };
  member.status = () => ({ ...status, peers: [peer], counters });
  const client = await TestClient.connect(port);
  client.send("PING\r\n");
  await client.until((text) => text.includes("PONG"));
  const delays = new FixedHistogram(1).read(0);
  const { types } = readExposition(
    await metricsText({ member, resp: server, http: { refused: 0 }, loop: { delays }, host: testHost }),
  );
  const named = [...new Set(page.match(/\bkvorum_[a-z_]+/g))].map((name) => name.replace(/_bucket$/, ""));
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((name) => !types.has(name))).toEqual([]);
});
