/**
 * The same words said to a real redis-server and to a cluster of three members: every reply is the same byte for byte,
 * or it is listed as a difference, with its reason. A difference that is listed and does not occur fails as well.
 */
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LocalCluster } from "./cluster.fixture.ts";
import { LAST_WORDS, SERVER_SCRIPTS } from "./comparison-server.fixture.ts";
import type { Step } from "./comparison-step.fixture.ts";
import { VALUE_SCRIPTS } from "./comparison-values.fixture.ts";
import { RawConnection, request } from "./raw-replies.fixture.ts";
import { RedisServer, redisServerVersion } from "./redis-server.fixture.ts";

const hasRedis = redisServerVersion().startsWith("7.");

interface Difference {
  readonly said: string;
  readonly what: string;
  readonly redis: string;
  readonly kvorum: string;
}

/** Digits of integers and of texts that are numbers: what the clock, or a counter, says. */
function masked(reply: string): string {
  return reply.replaceAll(/^:\d+\r\n/gm, ":n\r\n").replaceAll(/^\$\d+\r\n\d+\r\n/gm, "$n\r\n");
}

function judge(step: Step, redis: string, kvorum: string): Difference[] {
  const found = { said: step.name, redis: redis.slice(0, 400), kvorum: kvorum.slice(0, 400) };
  const same = step.kind === "like" ? masked(redis) === masked(kvorum) : redis === kvorum;
  if (step.kind === "differs") return same ? [{ ...found, what: "listed, but the same" }] : [];
  return same ? [] : [{ ...found, what: "not the same" }];
}

type CommandInfo = [
  string,
  number,
  string[],
  number,
  number,
  number,
  string[],
  unknown,
  unknown,
  CommandInfo[],
];

/** Arity and places of keys of each command and subcommand. */
function shapes(table: readonly CommandInfo[]): Map<string, string> {
  const all = table.flatMap((each) => [each, ...each[9]]);
  return new Map(
    all.map(([name, arity, flags, first, last, step]) => {
      const kept = flags.filter((flag) => FLAGS.has(flag)).toSorted();
      return [name, `${arity} ${first} ${last} ${step} ${kept.join(" ")}`];
    }),
  );
}

/** What clients decide by. */
const FLAGS = new Set(["readonly", "write", "denyoom", "admin", "fast", "noscript", "loading", "stale"]);

/** Why these are not described as Redis describes them. */
const UNLIKE: ReadonlyMap<string, string> = new Map([
  ...["asking", "info", "keyslot", "myid", "nodes", "shards", "slots"].map(
    (name) =>
      [name === "asking" ? name : `cluster|${name}`, "answered while a member starts as well"] as const,
  ),
  ["command", "a container has no flags here"],
  ["command|getkeys", "as in Redis 7.2: commands without arguments may be asked about"],
  ["command|getkeysandflags", "as in Redis 7.2: commands without arguments may be asked about"],
  ["dbsize", "it asks every member, and is not fast"],
]);

describe.skipIf(!hasRedis)("beside a real redis-server", () => {
  let redis: RedisServer;
  let cluster: LocalCluster;

  beforeAll(async () => {
    redis = await RedisServer.start();
    cluster = await LocalCluster.start(28_000, 3, ["--allow-flush"]);
  }, 120_000);

  afterAll(async () => {
    await redis.dispose();
    await cluster.dispose();
  }, 120_000);

  async function compare(steps: readonly Step[], protocol: number): Promise<Difference[]> {
    const [there, here] = await Promise.all([
      RawConnection.open(redis.port),
      RawConnection.open(cluster.port(2)),
    ]);
    const found: Difference[] = [];
    // Every word may have been a key before.
    const begin = request(["del", ...new Set(steps.flatMap(({ words }) => words.slice(1)))]);
    for (const sent of [begin, request(["hello", String(protocol)])])
      await Promise.all([there.ask(sent), here.ask(sent)]);
    for (const step of steps) {
      const replies = await Promise.all([
        there.ask(step.sent, step.replies),
        here.ask(step.sent, step.replies),
      ]);
      found.push(...judge(step, ...replies));
    }
    there.close();
    here.close();
    return found;
  }

  describe.each([2, 3])("RESP%d", (protocol) => {
    test.each([...VALUE_SCRIPTS, ...SERVER_SCRIPTS])("%s", async (_name, steps) => {
      expect(await compare(steps, protocol)).toEqual([]);
    });
  });

  test("every command that both have takes as many arguments, has its keys there, and says so", async () => {
    const [there, here] = [redis.port, cluster.port(1)].map((port) => new Redis(port, "127.0.0.1"));
    const names = (await here?.call("COMMAND", "LIST")) as string[];
    const theirs = shapes((await there?.call("COMMAND")) as CommandInfo[]);
    const ours = shapes((await here?.call("COMMAND")) as CommandInfo[]);
    for (const client of [there, here]) client?.disconnect();
    const common = names.filter((name) => theirs.has(name));
    expect(common.length).toBeGreaterThan(50);
    const unlike = common.filter((name) => theirs.get(name) !== ours.get(name));
    expect(unlike).toEqual([...UNLIKE.keys()]);
  });

  test("the statistics of INFO are in Redis's form", async () => {
    const said = [
      "get k",
      "get",
      "nosuch",
      "client id",
      "select 99",
      "info commandstats errorstats latencystats",
    ];
    const [theirs, ours] = await Promise.all(
      [redis.port, cluster.port(1)].map(async (port) => {
        const connection = await RawConnection.open(port);
        const sent = said.map((words) => request(words.split(" "))).join("");
        const text = await connection.ask(sent, said.length);
        connection.close();
        return text.split("\r\n").filter((line) => /^#|^cmdstat_(get|client.id):|_ERR:|usec_get:/.test(line));
      }),
    );
    const form = (line: string): string => line.replaceAll(/\d+(?=[,.]|$)/g, "n");
    expect(theirs?.length).toBe(7);
    expect(ours?.map(form).toSorted()).toEqual(theirs?.map(form).toSorted());
    const counts = (lines: readonly string[] = []): string[] =>
      lines.filter((line) => line.includes("get:calls"));
    expect(counts(ours)[0]).toMatch(/rejected_calls=[1-9]/);
  });

  test("CLIENT INFO has the fields that clients read, in Redis's order", async () => {
    const [theirs, ours] = await Promise.all(
      [redis.port, cluster.port(1)].map(async (port) => {
        const connection = await RawConnection.open(port);
        const text = await connection.ask(request(["client", "info"]));
        connection.close();
        return [...text.matchAll(/([a-z-]+)=/g)].map(([, name]) => name);
      }),
    );
    // A number of the process, and buffers that are not kept here; Redis 7.2 has the last two.
    const unlike = new Set(["fd", "rbs", "rbp", "lib-name", "lib-ver"]);
    const common = (names: readonly unknown[] = []): unknown[] =>
      names.filter((name) => !unlike.has(String(name)));
    expect(common(ours)).toEqual(common(theirs));
    expect(ours?.length).toBeGreaterThan(20);
  });

  test.each(LAST_WORDS)("%j ends the connection with the same words", async (sent) => {
    const [there, here] = await Promise.all([
      RawConnection.open(redis.port),
      RawConnection.open(cluster.port(1)),
    ]);
    const [wanted, found] = await Promise.all([there.ask(sent, 100), here.ask(sent, 100)]);
    expect({ sent, reply: found }).toEqual({ sent, reply: wanted });
  });
});
