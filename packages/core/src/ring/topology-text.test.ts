import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MemberInfo } from "../model/member.ts";
import type { NamespaceInfo } from "../model/namespace.ts";
import type { Topology } from "../model/topology.ts";
import { describeDifference, printable, topologyDigest, topologyText } from "./topology-text.ts";

function member(id: number, other: Partial<MemberInfo> = {}): MemberInfo {
  return {
    id,
    name: `member-${id}`,
    host: `host-${id}`,
    zone: "a",
    region: "local",
    weight: 1,
    peer: { host: "127.0.0.1", port: 7600 + id },
    resp: { host: "127.0.0.1", port: 7400 + id },
    http: { host: "::1", port: 7500 + id },
    ...other,
  };
}

const DEFAULT: NamespaceInfo = { id: 1, name: "default", policy: "siblings", n: 3 };

function text(other: Partial<Topology> = {}): string {
  return topologyText({
    cluster: "demo",
    epoch: 1,
    members: [member(1), member(2)],
    namespaces: [DEFAULT],
    replicas: 2,
    preferenceLists: [
      { homes: [1, 2], fallbacks: [] },
      { homes: [2, 1], fallbacks: [3, 4] },
    ],
    ...other,
  });
}

test("the canonical text is this, for ever", () => {
  expect(text().split("\n")).toEqual([
    "kvorum topology 1",
    "cluster demo",
    "epoch 1",
    "partitions 2",
    "replicas 2",
    "member 1 member-1 host-1 a local 1 127.0.0.1:7601 127.0.0.1:7401 ::1:7501",
    "member 2 member-2 host-2 a local 1 127.0.0.1:7602 127.0.0.1:7402 ::1:7502",
    "namespace 1 default siblings 3",
    "list 1,2 -",
    "list 2,1 3,4",
  ]);
});

test("any change to what is agreed changes the digest", () => {
  const address = { host: "127.0.0.1", port: 9999 };
  const changes: Partial<Topology>[] = [
    {},
    { cluster: "other" },
    { epoch: 2 },
    { replicas: 1 },
    { members: [member(1)] },
    ...(["name", "host", "zone", "region"] as const).map((field) => ({
      members: [member(1), member(2, { [field]: "x" })],
    })),
    ...(["peer", "resp", "http"] as const).map((field) => ({
      members: [member(1), member(2, { [field]: address })],
    })),
    { members: [member(1), member(2, { weight: 2 })] },
    { namespaces: [{ ...DEFAULT, n: 2 }] },
    { namespaces: [{ ...DEFAULT, id: 2 }] },
    { namespaces: [DEFAULT, { ...DEFAULT, id: 2, name: "more" }] },
    { preferenceLists: [{ homes: [1, 2], fallbacks: [] }] },
    { preferenceLists: [2, 1].map((first) => ({ homes: [first, 3 - first], fallbacks: [] })) },
  ];
  const digests = changes.map((change) => Buffer.from(topologyDigest(text(change))).toString("hex"));
  expect(new Set(digests).size).toBe(changes.length);
});

describe("the difference", () => {
  test("of equal texts is nothing", () => {
    expect(describeDifference(text(), text())).toEqual([]);
  });

  test.each<[string, Partial<Topology>, readonly string[]]>([
    ["another cluster", { cluster: "prod" }, ["cluster is demo here, prod there"]],
    ["another epoch", { epoch: 7 }, ["epoch is 1 here, 7 there"]],
    ["a member less", { members: [member(1)] }, ["member 2 (member-2) is listed here only"]],
    [
      "members more",
      { members: [member(1), member(2), member(3), member(10)] },
      ["member 3 (member-3) is listed there only", "member 10 (member-10) is listed there only"],
    ],
    [
      "an address",
      { members: [member(1), member(2, { peer: { host: "127.0.0.1", port: 7702 } })] },
      ["member 2: peer address is 127.0.0.1:7602 here, 127.0.0.1:7702 there"],
    ],
    [
      "several fields of a member",
      {
        members: [
          member(1, { zone: "b", weight: 5, http: { host: "::1", port: 1 } }),
          member(2, { name: "two", resp: { host: "box", port: 7402 } }),
        ],
      },
      [
        "member 1: zone is a here, b there",
        "member 1: weight is 1 here, 5 there",
        "member 1: HTTP address is ::1:7501 here, ::1:1 there",
        "member 2: name is member-2 here, two there",
        "member 2: RESP address is 127.0.0.1:7402 here, box:7402 there",
      ],
    ],
    [
      "the copies of a namespace, and not what follows from them",
      {
        namespaces: [{ ...DEFAULT, n: 2 }],
        replicas: 1,
        preferenceLists: [1, 2].map(() => ({ homes: [1], fallbacks: [2] })),
      },
      ["namespace default: n is 3 here, 2 there"],
    ],
    [
      "a namespace more",
      { namespaces: [DEFAULT, { ...DEFAULT, id: 2, name: "carts" }] },
      ["namespace carts is listed there only"],
    ],
    [
      "the partitions",
      { preferenceLists: [{ homes: [1, 2], fallbacks: [] }] },
      ["partitions is 2 here, 1 there"],
    ],
    ["only what is derived", { replicas: 1 }, ["replicas is 2 here, 1 there"]],
    [
      "only the placement",
      { preferenceLists: [1, 2].map(() => ({ homes: [1, 2], fallbacks: [] })) },
      [
        "1 of 2 partitions are placed differently, the first is partition 1: homes 2,1, fallbacks 3,4 here, " +
          "homes 1,2, fallbacks - there; the two run different releases or have different fallbacksMax",
      ],
    ],
    [
      "only the ids of namespaces",
      { namespaces: [{ ...DEFAULT, id: 9 }] },
      ["numbering of namespaces is 1 default here, 9 default there"],
    ],
    ["only the order", { members: [member(2), member(1)] }, ["the same facts are listed in another order"]],
  ])("%s", (_, change, sentences) => {
    expect(describeDifference(text(), text(change))).toEqual(sentences);
  });

  test("is cut after twenty", () => {
    const many = Array.from({ length: 30 }, (_, at) => member(at + 100));
    const said = describeDifference(text(), text({ members: [member(1), member(2), ...many] }));
    expect(said).toHaveLength(21);
    expect(said.at(-1)).toBe("and 10 more differences");
  });

  const UNKNOWN = ["the topology there is in a form that this release does not know"];

  test.each([
    ["nothing", ""],
    ["another format", text().replace("topology 1", "topology 2")],
    ["a line of another kind", `${text()}\nsecret 1`],
    ["a member with a word too few", text().replace(" local 1 ", " 1 ")],
    ["a member with a word too many", text().replace(" local 1 ", " local 1 1 ")],
    ["a setting twice", text().replace("epoch 1", "epoch 1\nepoch 1")],
    ["an empty line", `${text()}\n`],
    ["too many lines", `kvorum topology 1${"\nlist 1 2".repeat(40_000)}`],
    ["too long a text", `kvorum topology 1\ncluster ${"x".repeat(5_000_000)}`],
    ["a line of nothing but spaces", `kvorum topology 1\n${" ".repeat(1_000_000)}`],
  ])("%s is a form that is not known", (_, theirs) => {
    expect(describeDifference(text(), theirs)).toEqual(UNKNOWN);
    expect(describeDifference(theirs, text())).toEqual([UNKNOWN[0]?.replace("there", "here")]);
  });

  test("never throws, whatever is sent, and says only what can be shown", () => {
    const words = fc.constantFrom(
      "member",
      "namespace",
      "list",
      "epoch",
      "1",
      "-",
      "\u001b[2J",
      "__proto__",
      "\ud800",
      "",
    );
    const line = fc.array(words, { maxLength: 11 }).map((all) => all.join(" "));
    const lines = fc.array(fc.oneof(line, fc.string({ unit: "binary" })), { maxLength: 20 });
    const hostile = fc.oneof(
      lines.map((all) => ["kvorum topology 1", ...all].join("\n")),
      fc
        .tuple(fc.nat(300), fc.string({ unit: "binary" }))
        .map(([at, more]) => text().slice(0, at) + more + text().slice(at)),
      fc.string({ unit: "binary" }),
    );
    const other = hostile.filter((theirs) => theirs !== text());
    fc.assert(
      fc.property(other, (theirs) => {
        const said = describeDifference(text(), theirs);
        expect(said.length).toBeGreaterThan(0);
        for (const sentence of said) expect(sentence).toMatch(/^[\x20-\x7e]{1,600}$/);
      }),
    );
  });
});

test("what is printable is short, one line, and plain", () => {
  expect(printable("member-1")).toBe("member-1");
  expect(printable("a\n\u001b[31mé")).toBe("a??[31m?");
  expect(printable("")).toBe("nothing");
  expect(printable("x".repeat(1000))).toBe(`${"x".repeat(100)}...`);
});
