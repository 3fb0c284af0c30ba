import { createHash } from "node:crypto";
import { test } from "vitest";
import { array, expectConversation } from "../conversation.fixture.ts";
import { bulk, startFace } from "../resp-server.fixture.ts";

test("slots, nodes, shards, info", async () => {
  const face = await startFace();
  const id = (member: number): string =>
    createHash("sha1").update(`kvorum member test ${member}`).digest("hex");
  const node = (member: number): string =>
    `*4\r\n${bulk("127.0.0.1")}:${7400 + member}\r\n${bulk(id(member))}*0\r\n`;
  const slots = Array.from({ length: 16 }, (_, i) => {
    const members = [0, 1, 2].map((place) => node(1 + ((i + place) % 3)));
    return `*5\r\n:${i * 1024}\r\n:${i * 1024 + 1023}\r\n${members.join("")}`;
  });
  const ranges = (member: number): string =>
    Array.from({ length: 16 }, (_, i) => i)
      .filter((i) => i % 3 === member - 1)
      .map((i) => `${i * 1024}-${i * 1024 + 1023}`)
      .join(" ");
  const lines = [
    `${id(1)} 127.0.0.1:7401@7601 myself,master - 0 0 1 connected ${ranges(1)}`,
    `${id(2)} 127.0.0.1:7402@7602 master - 0 0 1 connected ${ranges(2)}`,
    `${id(3)} 127.0.0.1:7403@7603 master - 0 0 1 connected ${ranges(3)}`,
  ];
  const info =
    "cluster_state:ok\r\ncluster_slots_assigned:16384\r\ncluster_slots_ok:16384\r\ncluster_slots_pfail:0\r\ncluster_slots_fail:0\r\n" +
    "cluster_known_nodes:3\r\ncluster_size:3\r\ncluster_current_epoch:1\r\ncluster_my_epoch:1\r\n";
  await expectConversation(face, [
    ["cluster myid", bulk(id(1))],
    ["cluster keyslot somekey", ":11058\r\n"],
    ["cluster keyslot foo{hash_tag}", ":2515\r\n"],
    ["cluster slots", array(...slots)],
    ["cluster nodes", bulk(`${lines.join("\n")}\n`)],
    ["cluster info", bulk(info)],
  ]);
  face.member.unreachable.add(2);
  face.member.unreachable.add(3);
  const alone = info
    .replace("state:ok", "state:fail")
    .replace("slots_ok:16384", "slots_ok:0")
    .replace("slots_fail:0", "slots_fail:16384")
    .replace("size:3", "size:1");
  await expectConversation(face, [
    ["cluster info", bulk(alone)],
    [
      "cluster nodes",
      bulk(
        [
          `${id(1)} 127.0.0.1:7401@7601 myself,master - 0 0 1 connected 0-16383`,
          `${id(2)} 127.0.0.1:7402@7602 master,fail - 0 0 1 disconnected`,
          `${id(3)} 127.0.0.1:7403@7603 master,fail - 0 0 1 disconnected`,
          "",
        ].join("\n"),
      ),
    ],
  ]);
});

test("shards: the slots with the same members together", async () => {
  const face = await startFace();
  face.member.unreachable.add(3);
  const id = (member: number): string =>
    createHash("sha1").update(`kvorum member test ${member}`).digest("hex");
  const node = (member: number, role: string): string =>
    `*14\r\n${bulk("id")}${bulk(id(member))}${bulk("port")}:${7400 + member}\r\n${bulk("ip")}${bulk("127.0.0.1")}` +
    `${bulk("endpoint")}${bulk("127.0.0.1")}${bulk("role")}${bulk(role)}${bulk("replication-offset")}:0\r\n` +
    `${bulk("health")}${bulk(member === 3 ? "fail" : "online")}`;
  const shard = (partitions: readonly number[], order: readonly number[]): string => {
    const slots = partitions.flatMap((i) => [`:${i * 1024}\r\n`, `:${i * 1024 + 1023}\r\n`]);
    const nodes = order.map((member, place) => node(member, place === 0 ? "master" : "replica"));
    return `*4\r\n${bulk("slots")}${array(...slots)}${bulk("nodes")}${array(...nodes)}`;
  };
  await expectConversation(face, [
    [
      "cluster shards",
      array(
        shard([0, 3, 6, 9, 12, 15], [1, 2, 3]),
        shard([1, 4, 7, 10, 13], [2, 3, 1]),
        shard([2, 5, 8, 11, 14], [1, 3, 2]),
      ),
    ],
  ]);
});
