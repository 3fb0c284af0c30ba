import { describe, expect, test } from "vitest";
import { DEFAULT_LIMITS, VALUE_BYTES_CEILING } from "@kvorum/core";
import { DEFAULT_CLIENT_LIMITS } from "../resp/limits.ts";
import { ConfigError, type MemberConfig } from "./member-config.ts";
import { parseConfig } from "./parse-config.ts";
import { renderConfig } from "./render-config.ts";

function member(id: number, more = ""): string {
  return `  - { id: ${id}, name: member-${id}, host: host-${id}, zone: zone-${id}, peer: "127.0.0.1:${7600 + id}", resp: "127.0.0.1:${7400 + id}", http: "127.0.0.1:${7500 + id}"${more} }`;
}

const members = `members:\n${member(1)}\n${member(2)}\n${member(3)}\n`;
const whole = `cluster: orchard\nself: member-2\n${members}`;

function parse(text: string, dir: string | null = "/data"): MemberConfig {
  const input = { source: "kvorum.yaml", text, baseDir: "/etc/kvorum" };
  return parseConfig(dir === null ? input : { ...input, dir });
}

function mistakes(text: string, dir: string | null = "/data"): string[] {
  try {
    parse(text, dir);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
  throw new Error("it was accepted");
}

describe("a good configuration", () => {
  test("names who this member is and agrees on a topology of the first epoch", () => {
    const config = parse(whole);
    expect(config.self).toBe(2);
    expect(config.dir).toBe("/data");
    expect(config.topology.cluster).toBe("orchard");
    expect(config.topology.epoch).toBe(1);
    expect(config.topology.members.map(({ name }) => name)).toEqual(["member-1", "member-2", "member-3"]);
    expect(config.topology.preferenceLists).toHaveLength(256);
    expect(config.listen.resp).toEqual({ host: "127.0.0.1", port: 7402 });
    expect(config.limits).toEqual(DEFAULT_LIMITS);
    expect(config.clients).toEqual(DEFAULT_CLIENT_LIMITS);
    expect(config.logLevel).toBe("warn");
  });

  test("has the namespace default with three homes, unless it says otherwise", () => {
    expect(parse(whole).topology.namespaces).toEqual([{ id: 1, name: "default", policy: "siblings", n: 3 }]);
    const two = parse(`${whole}namespaces: [{ name: default, n: 2 }]\n`).topology.namespaces;
    expect(two.map(({ name, n }) => [name, n])).toEqual([["default", 2]]);
    const more = parse(`${whole}namespaces: [{ name: carts }]\n`).topology.namespaces;
    expect(more.map(({ name }) => name).sort()).toEqual(["carts", "default"]);
  });

  test("gives the same topology to members that differ in local things only", () => {
    const plain = parse(whole).topology;
    const local = `self: 3\nlisten: { peer: "127.0.0.1:9000" }\npeerOverrides: { member-1: "127.0.0.1:9999" }\n`;
    const other = parse(`cluster: orchard\n${members}${local}limits: { valueBytesMax: 10 }\n`);
    expect(other.topology.digest).toEqual(plain.digest);
    expect(other.listen.peer.port).toBe(9000);
    expect(other.listen.resp.port).toBe(7403);
    expect([...other.peerOverrides]).toEqual([[1, { host: "127.0.0.1", port: 9999 }]]);
  });

  test("reads a relative directory from where the file is, and --dir before it", () => {
    expect(parse(`${whole}dir: data\n`, null).dir).toBe("/etc/kvorum/data");
    expect(parse(`${whole}dir: data\n`, "/elsewhere").dir).toBe("/elsewhere");
  });

  test("needs no self when there is one member only", () => {
    expect(parse(`cluster: alone\nmembers:\n${member(7)}\n`).self).toBe(7);
  });

  test("can be written by renderConfig", () => {
    const text = renderConfig({
      cluster: "orchard",
      self: "a",
      members: [{ id: 1, name: "a", host: "h", peer: "[::1]:1", resp: "[::1]:2", http: "[::1]:3" }],
    });
    expect(parse(text).listen.peer).toEqual({ host: "::1", port: 1 });
  });
});

describe("mistakes are named with their place", () => {
  test("an unknown key, with the nearest known one", () => {
    expect(mistakes(`${whole}partition: 64\n`)).toEqual([
      'kvorum.yaml:7: partition: is not a known key; did you mean "partitions"?',
    ]);
    expect(
      mistakes(`cluster: orchard\nself: 1\nmembers:\n${member(1)}\n${member(2, ", wieght: 3")}\n`),
    ).toEqual(['kvorum.yaml:5: members[1].wieght: is not a known key; did you mean "weight"?']);
    expect(mistakes(`${whole}limits: { valueByteMax: 1 }\n`)).toEqual([
      'kvorum.yaml:7: limits.valueByteMax: is not a known key; did you mean "valueBytesMax"?',
    ]);
    expect(mistakes(`${whole}log: { zebra: 1 }\n`)).toEqual([
      "kvorum.yaml:7: log.zebra: is not a known key; known here are level, slowRequestMs",
    ]);
  });

  test("all of them at once", () => {
    const found = mistakes(`cluster: "or chard"\nself: 1\nmembers:\n${member(1)}\nfallbacksMax: many\n`);
    expect(found).toHaveLength(2);
    expect(found[0]).toMatch(/^kvorum\.yaml:1: cluster: must be 1 to 64 letters.*not "or chard"$/);
    expect(found[1]).toBe('kvorum.yaml:5: fallbacksMax: must be a whole number, not "many"');
  });

  test("a missing key, at the line of what should hold it", () => {
    expect(mistakes(`cluster: orchard\nmembers:\n  - { id: 1 }\n`)).toContain(
      "kvorum.yaml:3: members[0].name: is missing",
    );
    expect(mistakes("self: 1\n")).toEqual([
      "kvorum.yaml:1: cluster: is missing",
      "kvorum.yaml:1: members: is missing",
    ]);
    expect(mistakes(whole, null)).toEqual(["kvorum.yaml: dir: is missing; give it here or as --dir DIR"]);
  });

  test("a self that is nobody, or not said", () => {
    expect(mistakes(`cluster: orchard\nself: membr-2\n${members}`)).toEqual([
      "kvorum.yaml:2: self: membr-2 is not a member; did you mean member-2?",
    ]);
    expect(mistakes(`cluster: orchard\nself: 9\n${members}`)).toEqual([
      "kvorum.yaml:2: self: 9 is not a member; the members are member-1, member-2, member-3",
    ]);
    expect(mistakes(`cluster: orchard\n${members}`)[0]).toContain(
      "self: is missing: which of the members is this one?",
    );
  });

  test("an address that is none, and an override of nobody", () => {
    expect(mistakes(`${whole}listen: { resp: "7401" }\n`)).toEqual([
      'kvorum.yaml:7: listen.resp: must be HOST:PORT such as 127.0.0.1:7401, not "7401"',
    ]);
    expect(mistakes(`${whole}peerOverrides: { member-4: "127.0.0.1:1" }\n`)).toEqual([
      "kvorum.yaml:7: peerOverrides.member-4: is not a member; did you mean member-1?",
    ]);
  });

  test("a namespace's policy is taken", () => {
    expect(parse(`${whole}namespaces: [{ name: a, policy: lww, n: 1 }]\n`).topology.namespaces).toEqual([
      { id: 1, name: "default", policy: "siblings", n: 3 },
      { id: 2, name: "a", policy: "lww", n: 1 },
    ]);
  });

  test("things of a later release", () => {
    expect(mistakes(`${whole}namespaces: [{ name: a, policy: counter }]\n`)).toEqual([
      'kvorum.yaml:7: namespaces[0].policy: must be siblings or lww or strong, not "counter"',
    ]);
    const regions = `cluster: c\nself: 1\nmembers:\n${member(1, ", region: a")}\n${member(2, ", region: b")}\n`;
    expect(mistakes(regions).join()).toMatch(/one region/);
  });

  test("members that collide", () => {
    const twice = `cluster: c\nself: 1\nmembers:\n${member(1)}\n${member(1)}\n`;
    expect(mistakes(twice).join("\n")).toMatch(/member-1|\b1\b/);
  });

  test("an empty text, a text that is not YAML, a list, a second document", () => {
    expect(mistakes(" \n")).toEqual(["kvorum.yaml: is empty; name the cluster and list its members"]);
    expect(mistakes("cluster: [a\nself: b: c\n")[0]).toMatch(/^kvorum\.yaml:[12]: /);
    expect(mistakes("cluster: a\ncluster: b\n")[0]).toMatch(/^kvorum\.yaml:2: .*unique/);
    expect(mistakes("- a\n")).toEqual(["kvorum.yaml:1: must be a mapping (key: value), not a list"]);
    expect(mistakes("# nothing here\n")).toEqual([
      "kvorum.yaml: must be a mapping (key: value), not nothing",
    ]);
    expect(mistakes(`${whole}---\na: 1\n`)[0]).toMatch(/document/);
  });

  test("aliases that multiply", () => {
    const bomb = ["a: &a [x,x,x,x,x,x,x,x,x]"];
    for (let i = 0; i < 8; i++)
      bomb.push(
        `b${i}: &b${i} [${Array(9)
          .fill(i === 0 ? "*a" : `*b${i - 1}`)
          .join()}]`,
      );
    expect(mistakes(`${bomb.join("\n")}\n`)[0]).toMatch(/alias/i);
  });

  test("keys that mean something to JavaScript", () => {
    expect(mistakes(`${whole}__proto__: { dir: x }\n`)[0]).toContain("__proto__: is not a known key");
    expect(mistakes(`${whole}constructor: 1\n`)[0]).toContain("constructor: is not a known key");
  });
});

describe("a listener that other machines could reach", () => {
  const open = `cluster: c\nself: 1\nmembers:\n  - { id: 1, name: a, host: h, peer: "127.0.0.1:1", resp: "0.0.0.0:7401", http: "127.0.0.1:3" }\n`;

  test("is refused, in words that say why and what else to do", () => {
    const [found, ...others] = mistakes(open);
    expect(others).toEqual([]);
    expect(found).toMatch(
      /^kvorum\.yaml:4: members\[0\]\.resp: 0\.0\.0\.0:7401 can be reached from other machines/,
    );
    expect(found).toMatch(/without authentication and TLS.*127\.0\.0\.1/);
    expect(mistakes(`${whole}listen: { peer: "10.0.0.1:7602" }\n`)[0]).toMatch(
      /^kvorum\.yaml:7: listen\.peer: 10\.0\.0\.1:7602/,
    );
    expect(mistakes(`${whole}listen: { http: "[::]:7502" }\n`)[0]).toMatch(
      /listen\.http: \[::\]:7502 can be reached/,
    );
    expect(mistakes(`${whole}listen: { http: "example.org:7502" }\n`)[0]).toContain("can be reached");
  });

  test("is fine when the listener is on this machine only, whatever address the others use", () => {
    expect(parse(`${open}listen: { resp: "127.0.0.1:7401" }\n`).listen.resp.host).toBe("127.0.0.1");
  });

  test("of another member is none of our business", () => {
    const other = member(2).replace("127.0.0.1:7602", "10.0.0.2:7602");
    expect(parse(`cluster: c\nself: 1\nmembers:\n${member(1)}\n${other}\n`).self).toBe(1);
  });
});

describe("every limit holds at its bounds and not beyond", () => {
  const bounds: [name: keyof typeof DEFAULT_LIMITS, min: number, max: number][] = [
    ["valueBytesMax", 1, VALUE_BYTES_CEILING],
    ["timeoutMsDefault", 1, DEFAULT_LIMITS.timeoutMsMax],
    ["maxClockDriftMs", DEFAULT_LIMITS.clockReserveMs + 1, 3_600_000],
    ["diskReserveBytes", 0, 2 ** 50],
    ["valueCacheBytesMax", 1024 * 1024, 64 * 1024 * 1024 * 1024],
    ["contextCacheEntriesMax", 1000, 10_000_000],
    ["hintsTotalMax", 1_000, 100_000_000],
  ];

  test.each(bounds)("%s from %d to %d", (name, min, max) => {
    const given = (value: number): string => `${whole}limits: { ${name}: ${value} }\n`;
    for (const value of [min, min + 1, max - 1, max]) expect(parse(given(value)).limits[name]).toBe(value);
    expect(mistakes(given(min - 1))).toEqual([
      `kvorum.yaml:7: limits.${name}: must be at least ${min}, not ${min - 1}`,
    ]);
    expect(mistakes(given(max + 1))).toEqual([
      `kvorum.yaml:7: limits.${name}: must be at most ${max}, not ${max + 1}`,
    ]);
    expect(mistakes(given(min + 0.5))[0]).toContain("must be a whole number");
  });

  test("FLUSHALL is allowed by a plain yes only", () => {
    expect([parse(whole).allowFlush, parse(`${whole}allowFlush: true\n`).allowFlush]).toEqual([false, true]);
    expect(mistakes(`${whole}allowFlush: sometimes\n`)[0]).toContain("allowFlush: ");
  });

  test("slow requests", () => {
    const given = (value: number): string => `${whole}log: { slowRequestMs: ${value} }\n`;
    expect(parse(whole)).toMatchObject({ slowRequestMs: 1000, logLevel: "warn" });
    for (const value of [0, 1, 60_000]) expect(parse(given(value)).slowRequestMs).toBe(value);
    expect(mistakes(given(-1))[0]).toContain("log.slowRequestMs: must be at least 0");
    expect(mistakes(given(60_001))[0]).toContain("log.slowRequestMs: must be at most 60000");
  });

  const clientBounds: [name: keyof typeof DEFAULT_CLIENT_LIMITS, min: number, max: number][] = [
    ["connectionsMax", 1, 1_000_000],
    ["inFlightTotalBytesMax", 16 << 20, 2 ** 36],
    ["unfinishedTotalBytesMax", 16 << 20, 2 ** 36],
    ["requestMsMax", 1_000, 86_400_000],
    ["idleMsMax", 0, 31_536_000_000],
    ["stuckMsMax", 1_000, 86_400_000],
  ];

  test.each(clientBounds)("clients: %s from %d to %d", (name, min, max) => {
    const given = (value: number): string => `${whole}clients: { ${name}: ${value} }\n`;
    for (const value of [min, min + 1, max - 1, max]) expect(parse(given(value)).clients[name]).toBe(value);
    expect(mistakes(given(min - 1))).toEqual([
      `kvorum.yaml:7: clients.${name}: must be at least ${min}, not ${min - 1}`,
    ]);
    expect(mistakes(given(max + 1))).toEqual([
      `kvorum.yaml:7: clients.${name}: must be at most ${max}, not ${max + 1}`,
    ]);
  });

  test("clients: what may be unsent fits the largest value, and one client's share fits in that of all", () => {
    const given = (one: number, all: number, more = ""): string =>
      `${whole}${more}clients: { outputBytesMax: ${one}, outputTotalBytesMax: ${all} }\n`;
    const least = 4 * 1024 * 1024;
    expect(parse(given(least, 16 << 20)).clients.outputBytesMax).toBe(least);
    expect(mistakes(given(least - 1, 16 << 20))).toEqual([
      `kvorum.yaml:7: clients.outputBytesMax: outputBytesMax is ${least - 1} and must be at least ${least}, so that the largest values can be answered`,
    ]);
    expect(parse(given(16 << 20, 16 << 20)).clients.outputTotalBytesMax).toBe(16 << 20);
    expect(mistakes(given((16 << 20) + 1, 16 << 20))[0]).toContain(
      "so that one connection alone may have as much",
    );
    const large = "limits: { valueBytesMax: 8388608 }\n";
    expect(parse(given(32 << 20, 32 << 20, large)).clients.outputBytesMax).toBe(32 << 20);
  });

  test("members: id, weight and name", () => {
    const one = (more: string, id = "1", name = "a"): string =>
      `cluster: c\nmembers:\n  - { id: ${id}, name: ${name}, host: h, peer: "[::1]:1", resp: "[::1]:2", http: "[::1]:3"${more} }\n`;
    for (const id of ["1", "4294967295"]) expect(parse(one("", id)).self).toBe(Number(id));
    for (const id of ["0", "-1", "4294967296", "1.5", "x"])
      expect(mistakes(one("", id))[0]).toContain("members[0].id");
    for (const weight of [1, 2, 999, 1000]) expect(parse(one(`, weight: ${weight}`)).self).toBe(1);
    for (const weight of [0, 1001])
      expect(mistakes(one(`, weight: ${weight}`))[0]).toContain("members[0].weight");
    for (const length of [1, 63, 64]) expect(parse(one("", "1", "n".repeat(length))).self).toBe(1);
    expect(mistakes(one("", "1", "n".repeat(65)))[0]).toContain("members[0].name");
    expect(mistakes(one("", "1", '""'))[0]).toContain("members[0].name");
  });

  test("partitions, fallbacks and homes", () => {
    for (const partitions of [16, 32, 16_384]) {
      expect(parse(`${whole}partitions: ${partitions}\n`).topology.preferenceLists).toHaveLength(partitions);
    }
    for (const partitions of [15, 17, 100, 16_385]) {
      expect(mistakes(`${whole}partitions: ${partitions}\n`).join()).toContain("partitions");
    }
    for (const fallbacks of [0, 3]) expect(parse(`${whole}fallbacksMax: ${fallbacks}\n`).self).toBe(2);
    for (const fallbacks of [-1, 4])
      expect(mistakes(`${whole}fallbacksMax: ${fallbacks}\n`)[0]).toContain("fallbacksMax");
    for (const n of [1, 7]) expect(parse(`${whole}namespaces: [{ name: a, n: ${n} }]\n`).self).toBe(2);
    for (const n of [0, 8])
      expect(mistakes(`${whole}namespaces: [{ name: a, n: ${n} }]\n`)[0]).toContain("namespaces[0].n");
  });
});
