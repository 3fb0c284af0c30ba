/** `kvorum start`: single members from configuration files, and everything that keeps one from starting. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { Workshop, type Running } from "./kvorum-process.fixture.ts";

const shop = new Workshop();
let base = 25_000;
afterEach(async () => {
  base += 20;
  await shop.expectNothingLeft();
});
afterAll(() => shop.dispose());

interface Wishes {
  readonly self: number;
  readonly members?: number;
  readonly weight?: number;
  readonly resp?: string;
  readonly more?: string;
}

/** Writes a configuration and gives its path. */
function config(name: string, { self, members = 1, weight = 100, resp, more = "" }: Wishes): string {
  const lines = Array.from({ length: members }, (_, index) => {
    const id = index + 1;
    const where = `peer: "127.0.0.1:${base + id}", resp: "${resp ?? `127.0.0.1:${base + 5 + id}`}", http: "127.0.0.1:${base + 10 + id}"`;
    return `  - { id: ${id}, name: m${id}, host: h${id}, weight: ${weight}, ${where} }\n`;
  });
  const path = shop.path(name);
  writeFileSync(path, `cluster: test\nself: ${self}\nmembers:\n${lines.join("")}${more}`);
  return path;
}

function respOf(id: number): string {
  return `127.0.0.1:${base + 5 + id}`;
}

async function start(path: string, dir: string, shell?: string): Promise<Running> {
  const words = ["start", "--config", path, "--dir", shop.path(dir)];
  const running = shop.begin(words, shell === undefined ? {} : { shell });
  await Promise.race([
    running.says("is ready"),
    running.ended.then(({ out, err }) => Promise.reject(new Error(`it ended:\n${out}${err}`))),
  ]);
  return running;
}

async function stop(running: Running): Promise<void> {
  running.child.kill("SIGTERM");
  expect((await running.ended).code).toBe(0);
}

const put = (key: string, value: string, id = 1) =>
  shop.run("put", key, value, "--server", respOf(id), "--timeout-ms", "5000");
const get = (key: string, id = 1) => shop.run("get", key, "--server", respOf(id));

describe("a member of its own", () => {
  test("serves, stops on TERM, INT and HUP, and finds its data again", async () => {
    const path = config("alone.yaml", { self: 1 });
    for (const [round, signal] of (["SIGTERM", "SIGINT", "SIGHUP"] as const).entries()) {
      const member = await start(path, "alone");
      expect(member.out).toBe(`m1 is ready: redis-cli -p ${base + 6}\n`);
      if (round > 0) expect((await get("round")).out).toBe(`${round - 1}\n`);
      expect((await put("round", String(round))).code).toBe(0);
      member.child.kill(signal);
      const { code, err } = await member.ended;
      expect(code).toBe(0);
      expect(
        err
          .trim()
          .split("\n")
          .map((line) => (JSON.parse(line) as { event: string }).event)
          // What the machine does besides is not the member's doing.
          .filter((event) => event !== "loop-stalled"),
      ).toEqual(["ready", "stopping", "stopped"]);
    }
  });

  test("stops while clients write, and has what it acknowledged", async () => {
    const path = config("busy.yaml", { self: 1 });
    const member = await start(path, "busy");
    const client = connect(base + 6, "127.0.0.1");
    client.on("error", () => {});
    let answered = 0;
    client.on("data", (chunk) => (answered += chunk.toString("latin1").split("+OK").length - 1));
    let sent = 0;
    const writer = setInterval(() => {
      for (let i = 0; i < 200; i++) client.write(`SET key-${sent++} v\r\n`);
    }, 1);
    await vi.waitFor(() => expect(answered).toBeGreaterThan(1000), { timeout: 20_000 });
    await stop(member);
    clearInterval(writer);
    client.destroy();
    const again = await start(path, "busy");
    expect(answered).toBeLessThan(sent);
    for (const key of [0, Math.floor(answered / 2), answered - 1])
      expect((await get(`key-${key}`)).out).toBe("v\n");
    await stop(again);
  });

  test("reaches a peer through a proxy that only it knows of", async () => {
    const passed: number[] = [];
    const proxy: Server = createServer((socket) => {
      const onward = connect(base + 2, "127.0.0.1");
      socket.on("data", (chunk) => passed.push(chunk.length));
      for (const end of [socket, onward]) end.on("error", () => {});
      socket.pipe(onward).pipe(socket);
    });
    await new Promise<void>((resolve) => proxy.listen(base + 19, "127.0.0.1", resolve));
    const first = await start(
      config("proxied.yaml", {
        self: 1,
        members: 2,
        more: `peerOverrides: { m2: "127.0.0.1:${base + 19}" }\n`,
      }),
      "proxied-1",
    );
    const second = await start(config("plain.yaml", { self: 2, members: 2 }), "proxied-2");
    await vi.waitFor(async () => expect((await shop.run("status", "--server", respOf(1))).code).toBe(0), {
      timeout: 15_000,
    });
    expect((await shop.run("put", "a", "b", "--w", "all", "--server", respOf(1))).code).toBe(0);
    expect(passed.length).toBeGreaterThan(0);
    await stop(first);
    await stop(second);
    proxy.close();
  });
});

describe("a configuration that cannot be used ends with 2 and clear words", () => {
  test.each([
    ["absent", null, "does not exist; give the path of kvorum.yaml as --config"],
    ["empty", "", "is empty; name the cluster and list its members"],
    ["not YAML", "cluster: [\n", "kvorum.yaml:"],
    [
      "with an unknown key",
      "cluster: c\nmembrs: []\n",
      'membrs: is not a known key; did you mean "members"?',
    ],
  ])("%s", async (_, text, words) => {
    const path = shop.path("kvorum.yaml");
    if (text !== null) writeFileSync(path, text);
    const { code, out, err } = await shop.run(
      "start",
      "--config",
      text === null ? shop.path("absent") : path,
      "--dir",
      shop.path("x"),
    );
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(words);
    expect(err).not.toContain("    at ");
  });

  test("a directory", async () => {
    const { code, err } = await shop.run("start", "--config", shop.root, "--dir", shop.path("x"));
    expect(code).toBe(2);
    expect(err).toContain("is a directory; name the file in it");
  });

  test("with a listener that other machines could reach", async () => {
    const path = config("open.yaml", { self: 1, resp: `0.0.0.0:${base + 6}` });
    const { code, err } = await shop.run("start", "--config", path, "--dir", shop.path("x"));
    expect(code).toBe(2);
    expect(err).toMatch(
      /open\.yaml:4: members\[0\]\.resp: 0\.0\.0\.0:\d+ can be reached from other machines/,
    );
    expect(err).toContain("without authentication and TLS");
  });
});

describe("a member that may not start ends with 4 and clear words", () => {
  test("because another one uses its data", async () => {
    const member = await start(config("one.yaml", { self: 1 }), "used");
    const other = config("other.yaml", {
      self: 1,
      more: `listen: { peer: "127.0.0.1:${base + 18}", resp: "127.0.0.1:${base + 19}" }\n`,
    });
    const second = await shop.run("start", "--config", other, "--dir", shop.path("used"));
    expect(second.code).toBe(4);
    expect(second.err).toMatch(/is in use by another process/);
    expect((await put("still", "here")).code).toBe(0);
    await stop(member);
  });

  test("because the data is another member's, or another cluster's", async () => {
    await stop(await start(config("mine.yaml", { self: 1, members: 2 }), "owned"));
    const other = await shop.run(
      "start",
      "--config",
      config("yours.yaml", { self: 2, members: 2 }),
      "--dir",
      shop.path("owned"),
    );
    expect(other.code).toBe(4);
    expect(other.err).toContain("belongs to member 1 of the cluster 'test'");
    expect(other.err).toContain("not to member 2");
    const path = config("elsewhere.yaml", { self: 1, members: 2 });
    writeFileSync(path, readFileSync(path, "utf8").replace("cluster: test", "cluster: other"));
    const cluster = await shop.run("start", "--config", path, "--dir", shop.path("owned"));
    expect(cluster.code).toBe(4);
    expect(cluster.err).toContain("not to the cluster 'other'");
  });

  test("because the directory holds something else, or is none", async () => {
    mkdirSync(shop.path("foreign", "thesis"), { recursive: true });
    const path = config("foreign.yaml", { self: 1 });
    const foreign = await shop.run("start", "--config", path, "--dir", shop.path("foreign"));
    expect(foreign.code).toBe(4);
    expect(foreign.err).toContain("holds other files (thesis)");
    const none = await shop.run("start", "--config", path, "--dir", path);
    expect(none.code).toBe(4);
    expect(none.err).toContain("cannot be used");
  });

  test.each([
    ["peer", 1, "peers"],
    ["resp", 6, "redis"],
    ["http", 11, "http"],
  ] as const)("because somebody has its %s port, and its data is free again", async (face, offset, use) => {
    const port = base + offset;
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(port, "127.0.0.1", resolve));
    const path = config(`${face}.yaml`, { self: 1 });
    const { code, err } = await shop.run("start", "--config", path, "--dir", shop.path(`${face}-port`));
    expect(code).toBe(4);
    expect(err).toMatch(new RegExp(`127\\.0\\.0\\.1:${port} \\(${use}\\) is in use by another process`));
    await new Promise((resolve) => holder.close(resolve));
    await stop(await start(path, `${face}-port`));
  });
});

describe("members that were given different lists", () => {
  test("refuse each other and name the difference, and serve nobody half a truth", async () => {
    const first = await start(config("light.yaml", { self: 1, members: 2, weight: 100 }), "different-1");
    const second = await start(config("heavy.yaml", { self: 2, members: 2, weight: 200 }), "different-2");
    await vi.waitFor(
      async () => {
        const { code, out } = await shop.run("status", "--server", respOf(1));
        expect(code).toBe(1);
        expect(out).toMatch(/m2 is refused for m1 \(.*weight.*\)/);
        expect(out).toContain("the members do not agree on the topology: m1 / m2;");
      },
      { timeout: 15_000, interval: 200 },
    );
    const { code, err } = await shop.run("put", "a", "b", "--w", "all", "--server", respOf(1));
    expect(code).toBe(4);
    expect(err).toMatch(/^kvorum: (QUORUM|EPOCH): /);
    for (const member of [first, second]) {
      expect(member.err).toContain("weight");
      await stop(member);
    }
  });
});

describe("a disk that is full", () => {
  test("down to the reserve: writes are refused, reads go on", async () => {
    const path = config("reserve.yaml", { self: 1 });
    const before = await start(path, "reserve");
    expect((await put("old", "value")).code).toBe(0);
    await stop(before);
    const more = `limits: { diskReserveBytes: ${2 ** 50} }\n`;
    const member = await start(config("full.yaml", { self: 1, more }), "reserve");
    const { code, err } = await put("new", "value");
    expect(code).toBe(4);
    expect(err).toMatch(/^kvorum: DISKFULL: .*nothing was written; free space or add disk/);
    expect((await get("old")).out).toBe("value\n");
    expect((await get("new")).code).toBe(1);
    await stop(member);
  });

  test("below the journal: the member stops at once with 70, says why, and has what it acknowledged", async () => {
    const path = config("ending.yaml", { self: 1 });
    await stop(await start(path, "ending"));
    // A limit on the size of files fails a write as a full disk does, on every machine; a shell counts in 512 bytes.
    // Whichever of journal and engine comes to it first.
    const member = await start(path, "ending", "ulimit -f 512");
    const value = "x".repeat(20_000);
    let written = 0;
    for (;;) {
      const { code } = await put(`key-${written}`, value);
      if (code !== 0) {
        expect([3, 5]).toContain(code);
        break;
      }
      written++;
      expect(written).toBeLessThan(100);
    }
    const { code, err } = await member.ended;
    expect(code).toBe(70);
    const last = JSON.parse(err.trim().split("\n").at(-1) ?? "") as Record<string, string>;
    expect(last).toMatchObject({ level: "fatal", event: "fatal" });
    expect(last["msg"]).toMatch(/EFBIG|File too large/);
    const again = await start(path, "ending");
    for (let i = 0; i < written; i++) expect((await get(`key-${i}`)).out).toBe(`${value}\n`);
    expect((await put("after", "all")).code).toBe(0);
    await stop(again);
  });
});
