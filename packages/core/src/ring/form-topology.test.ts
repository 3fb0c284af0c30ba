import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Prng } from "../base/prng.ts";
import { DEFAULT_LIMITS } from "../config/limits.ts";
import type { MemberInfo } from "../model/member.ts";
import type { Topology } from "../model/topology.ts";
import { formTopology } from "./form-topology.ts";
import { checkPlacement } from "./placement-check.ts";
import type { TopologyLists } from "./topology-problems.ts";
import { topologyDigest, topologyText } from "./topology-text.ts";

function member(id: number, other: Partial<MemberInfo> = {}): MemberInfo {
  return {
    id,
    name: `member-${id}`,
    host: `host-${id}`,
    zone: `zone-${((id - 1) % 3) + 1}`,
    region: "local",
    weight: 1,
    peer: { host: "127.0.0.1", port: 30_000 + id },
    resp: { host: "127.0.0.1", port: 10_000 + id },
    http: { host: "127.0.0.1", port: 20_000 + id },
    ...other,
  };
}

function lists(other: Partial<TopologyLists> = {}): TopologyLists {
  return {
    cluster: "test",
    members: [member(1), member(2), member(3)],
    namespaces: [{ name: "default", policy: "siblings", n: 3 }],
    partitions: 16,
    fallbacksMax: 3,
    ...other,
  };
}

function formed(other: Partial<TopologyLists> = {}): Topology {
  const result = formTopology(lists(other));
  if (!result.ok) throw new Error(result.problems.join("; "));
  return result.topology;
}

function problems(other: Partial<TopologyLists>): readonly string[] {
  const result = formTopology(lists(other));
  return result.ok ? [] : result.problems;
}

function members(count: number): MemberInfo[] {
  return Array.from({ length: count }, (_, at) => member(at + 1));
}

describe("a topology formed from lists", () => {
  test("is epoch 1, sorted, digested and well placed", () => {
    const topology = formed({ members: members(5) });
    expect(topology.epoch).toBe(1);
    expect(topology.replicas).toBe(3);
    expect(topology.preferenceLists).toHaveLength(16);
    expect(topology.digest).toEqual(topologyDigest(topologyText(topology)));
    expect(checkPlacement(topology)).toEqual([]);
  });

  test("issues namespace ids: default is 1, the others follow by name", () => {
    const namespaces = ["zebra", "apple", "default", "Zoo"].map((name) => ({
      name,
      policy: "siblings",
      n: 2,
    }));
    const topology = formed({ namespaces });
    expect(topology.namespaces.map(({ id, name }) => `${id} ${name}`)).toEqual([
      "1 default",
      "2 Zoo",
      "3 apple",
      "4 zebra",
    ]);
  });

  test("a namespace's policy is part of what members must agree on", () => {
    const one = formed({ namespaces: [{ name: "default", policy: "siblings", n: 3 }] });
    const other = formed({ namespaces: [{ name: "default", policy: "lww", n: 3 }] });
    expect(other.namespaces).toEqual([{ id: 1, name: "default", policy: "lww", n: 3 }]);
    expect(other.digest).not.toEqual(one.digest);
  });

  test("has as many homes as the largest n asks for, or as there are hosts", () => {
    const namespaces = [
      { name: "default", policy: "siblings", n: 2 },
      { name: "safe", policy: "siblings", n: 5 },
    ];
    expect(formed({ members: members(7), namespaces }).replicas).toBe(5);
    expect(formed({ members: members(4), namespaces }).replicas).toBe(4);
    expect(formed({ members: members(1), namespaces }).replicas).toBe(1);
  });

  test("does not depend on the order of the lists", () => {
    const wishes = ["default", "a", "b", "c"].map((name, at) => ({ name, policy: "siblings", n: at + 1 }));
    const ids = fc.uniqueArray(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(ids, fc.nat(), (chosen, seed) => {
        const prng = new Prng(seed);
        const all = chosen.map((id) => member(id, { weight: (id % 4) + 1 }));
        const shuffled = <T>(items: readonly T[]): T[] =>
          items
            .map((item) => ({ item, key: prng.u32() }))
            .toSorted((a, b) => a.key - b.key)
            .map(({ item }) => item);
        const one = formed({ members: all, namespaces: wishes });
        const other = formed({ members: shuffled(all), namespaces: shuffled(wishes) });
        expect(other).toEqual(one);
      }),
      { numRuns: 200 },
    );
  });

  test("is the same in every release: its digest is known", () => {
    const digest = Buffer.from(formed({ partitions: 256 }).digest).toString("hex");
    expect(digest).toBe("045f911637a38372978b4f736e3888fd");
  });
});

describe("what is refused, and in which words", () => {
  const NAME_RULE = "it must be 1 to 64 letters, digits, dots, dashes or underscores";

  test.each<[string, Partial<TopologyLists>, string]>([
    ["no members", { members: [] }, "no members are listed"],
    ["too many members", { members: members(1001) }, "1001 members are listed; at most 1000 are possible"],
    [
      "too many namespaces",
      {
        namespaces: Array.from({ length: 1001 }, (_, at) => ({ name: `n${at}`, policy: "siblings", n: 1 })),
      },
      "1001 namespaces are listed; at most 1000 are possible",
    ],
    ["a bad cluster name", { cluster: "my cluster" }, `cluster name is my cluster; ${NAME_RULE}`],
    ["no cluster name", { cluster: "" }, `cluster name is nothing; ${NAME_RULE}`],
    ["partitions", { partitions: 100 }, "partitions is 100; it must be a power of two from 16 to 16384"],
    ["few partitions", { partitions: 8 }, "partitions is 8; it must be a power of two from 16 to 16384"],
    [
      "many partitions",
      { partitions: 32_768 },
      "partitions is 32768; it must be a power of two from 16 to 16384",
    ],
    [
      "half a partition",
      { partitions: 16.5 },
      "partitions is 16.5; it must be a power of two from 16 to 16384",
    ],
    ["fallbacks", { fallbacksMax: 4 }, "fallbacksMax is 4; it must be a whole number from 0 to 3"],
    ["ids", { members: [member(1), member(1, { name: "b" })] }, "two members have the id 1"],
    ["id 0", { members: [member(0)] }, "member id 0 is not a whole number from 1 to 4294967295"],
    [
      "a large id",
      { members: [member(2 ** 32)] },
      "member id 4294967296 is not a whole number from 1 to 4294967295",
    ],
    [
      "names",
      { members: [member(1), member(2, { name: "member-1" })] },
      "members 1 and 2 are both named member-1",
    ],
    [
      "addresses",
      { members: [member(1), member(2, { peer: { host: "127.0.0.1", port: 30_001 } })] },
      "the peer address of member 1 and the peer address of member 2 are both 127.0.0.1:30001",
    ],
    [
      "addresses of different kinds, whatever their case",
      {
        members: [
          member(1, { peer: { host: "Box", port: 1 } }),
          member(2, { http: { host: "box", port: 1 } }),
        ],
      },
      "the peer address of member 1 and the HTTP address of member 2 are both box:1",
    ],
    [
      "a name with a line break",
      { members: [member(1, { name: "a\nb" })] },
      `member 1: name is a?b; ${NAME_RULE}`,
    ],
    ["a zone", { members: [member(1, { zone: "" })] }, `member 1: zone is nothing; ${NAME_RULE}`],
    ["a region", { members: [member(1, { region: "é" })] }, `member 1: region is ?; ${NAME_RULE}`],
    [
      "a weight",
      { members: [member(1, { weight: 0 })] },
      "member 1: weight is 0; it must be a whole number from 1 to 1000",
    ],
    [
      "a heavy weight",
      { members: [member(1, { weight: 1001 })] },
      "member 1: weight is 1001; it must be a whole number from 1 to 1000",
    ],
    [
      "a port",
      { members: [member(1, { resp: { host: "127.0.0.1", port: 65_536 } })] },
      "the RESP address of member 1: port is 65536; it must be a whole number from 1 to 65535",
    ],
    [
      "a host name",
      { members: [member(1, { http: { host: "a b", port: 1 } })] },
      "the HTTP address of member 1: a b is no host name or IP address",
    ],
    [
      "a host in two zones",
      { members: [member(1, { host: "box" }), member(2, { host: "box" })] },
      "host box is in two zones, local/zone-1 and local/zone-2",
    ],
    [
      "two regions",
      { members: [member(1), member(2, { region: "eu" })] },
      "members are in 2 regions; one cluster is in one region as yet, give all the same",
    ],
    [
      "no default namespace",
      { namespaces: [{ name: "a", policy: "siblings", n: 1 }] },
      "the namespace default is missing; every cluster has one",
    ],
    [
      "a policy",
      { namespaces: [{ name: "default", policy: "counter", n: 1 }] },
      "namespace default: policy counter is not offered; use siblings or lww or strong",
    ],
    [
      "n",
      { namespaces: [{ name: "default", policy: "siblings", n: 8 }] },
      "namespace default: n is 8; it must be a whole number from 1 to 7",
    ],
    [
      "n of nothing",
      { namespaces: [{ name: "default", policy: "siblings", n: 0 }] },
      "namespace default: n is 0; it must be a whole number from 1 to 7",
    ],
  ])("%s", (_, other, sentence) => {
    expect(problems(other)).toContain(sentence);
  });

  test("a namespace listed twice", () => {
    const one = { name: "default", policy: "siblings", n: 3 };
    expect(problems({ namespaces: [one, one] })).toEqual(["namespace default is listed twice"]);
  });

  test("all that is wrong is said at once, but not without end", () => {
    const bad = members(100).map((each) => ({ ...each, weight: 0 }));
    const said = problems({ members: bad, cluster: "?" });
    expect(said).toHaveLength(21);
    expect(said.at(-1)).toBe("and 81 more");
  });

  test("everything at its limit is accepted", () => {
    const name = "x".repeat(64);
    const wishes = Array.from({ length: DEFAULT_LIMITS.namespacesMax - 1 }, (_, at) => ({
      name: `n${at}`,
      policy: "siblings",
      n: 1,
    }));
    const topology = formed({
      cluster: name,
      members: [
        member(2 ** 32 - 1, {
          name,
          host: name,
          weight: 1000,
          peer: { host: "::1", port: 65_535 },
          resp: { host: "example.org", port: 1 },
          http: { host: "0.0.0.0", port: 1 },
        }),
        ...members(999),
      ],
      namespaces: [{ name: "default", policy: "siblings", n: 7 }, ...wishes],
      partitions: 16_384,
    });
    expect(topology.members).toHaveLength(1000);
    expect(topology.namespaces).toHaveLength(1000);
    expect(checkPlacement(topology)).toEqual([]);
  });
});
