/**
 * Clients that come, do good or harm, and go in every way there is, for KVORUM_SOAK_MINUTES. What the member holds
 * after collecting is sampled all the while; the slope over all samples says whether anything stays behind.
 */
import { expect, onTestFinished, test } from "vitest";
import { HOSTILE_INPUTS } from "./hostile.fixture.ts";
import { HostileClients } from "./hostile-acts.fixture.ts";
import { LoneMember } from "./lone-member.fixture.ts";
import { request } from "./resp-server.fixture.ts";

const minutes = Number(process.env["KVORUM_SOAK_MINUTES"] ?? 4);
const AT_ONCE = 50;
const SAMPLE_MS = 10_000;
/** What one connection may leave behind on average; a socket that is kept is several KiB. */
const LEFT_BYTES_MAX = 100;

/** Least squares. */
function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const over = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return over / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}

const DEEDS: readonly Buffer[] = [
  Buffer.concat([request("SET", "k", "v"), request("GET", "k"), request("QUIT")]),
  Buffer.from("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1000\r\nhalf"),
  Buffer.concat(new Array<Buffer>(100).fill(request("GET", "k"))),
  request("MGET", ...new Array<string>(200).fill("k")),
  ...HOSTILE_INPUTS.map(({ bytes }) => Buffer.from(bytes, "latin1")),
];

test(`${minutes} minutes of clients that come and go`, async () => {
  const member = await LoneMember.start(39_600);
  onTestFinished(() => member.dispose(), 60_000);
  const samples: (readonly [connections: number, used: number, rss: number])[] = [];
  const untilMs = performance.now() + minutes * 60_000;
  let connections = 0;
  let sampledMs = performance.now();
  while (performance.now() < untilMs) {
    const clients = new HostileClients(member.port);
    for (const socket of await clients.some(AT_ONCE, true)) {
      socket.write(DEEDS[connections++ % DEEDS.length] ?? "");
      if (connections % 3 === 0) socket.end();
      else if (connections % 3 === 1) socket.resetAndDestroy();
    }
    clients.leave();
    if (performance.now() - sampledMs < SAMPLE_MS) continue;
    const { usedBytes, rssBytes } = await member.settled();
    samples.push([connections, usedBytes, rssBytes]);
    sampledMs = performance.now();
  }
  // The first samples belong to the warming up.
  const kept = samples.slice(Math.ceil(samples.length / 4));
  const used = slope(kept.map(([x, y]) => [x, y]));
  const rss = slope(kept.map(([x, , y]) => [x, y]));
  console.log(
    `${connections} connections, ${samples.length} samples: ${used.toFixed(2)} bytes used and ${rss.toFixed(2)} bytes resident more for each`,
  );
  console.log(
    samples
      .map(([x, u, r]) => `${x}: ${(u / 1e6).toFixed(2)} MB used, ${(r / 1e6).toFixed(1)} MB resident`)
      .join("\n"),
  );
  expect(member.lives).toBe(true);
  if (kept.length > 3) expect(used).toBeLessThan(LEFT_BYTES_MAX);
});
