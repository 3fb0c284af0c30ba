/** `kvorum dev` as people use it: real processes, real signals, and a look into /proc after each end. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { freeBase, Workshop } from "./kvorum-process.fixture.ts";
import { textLike } from "./matching.fixture.ts";

const shop = new Workshop();
/** Each test has ports of its own: what a killed member leaves in the kernel must not matter to the next. */
let base = 15_000;
beforeEach(async () => {
  base = await freeBase(base + 300);
});
afterEach(() => shop.expectNothingLeft());
afterAll(() => shop.dispose());

function devArgs(dir: string, ...more: string[]): string[] {
  return ["--dir", dir, "--port-base", String(base), ...more];
}

describe("a local cluster", () => {
  test("is up with addresses and advice, and does what it says", async () => {
    const dev = await shop.dev(...devArgs("first"));
    for (const text of [
      `127.0.0.1:${base + 1}`,
      `redis-cli -p ${base + 3} get greeting`,
      "zone-3",
      "kvorum dev kill 2",
    ]) {
      expect(dev.out).toContain(text);
    }
    const { cluster, pid, members } = shop.devJson("first");
    expect(pid).toBe(dev.pid);
    expect(members.map(({ name, state }) => [name, state])).toEqual([
      ["member-1", "up"],
      ["member-2", "up"],
      ["member-3", "up"],
    ]);
    expect(dev.out).toContain(cluster);
    expect(statSync(shop.path("first")).mode & 0o077).toBe(0);
    // Threads and the young generation are sized before a member starts, or never.
    const [member] = members;
    const environment = readFileSync(`/proc/${member?.pid ?? 0}/environ`, "utf8");
    expect(environment).toContain("UV_THREADPOOL_SIZE=8");
    expect(environment).toContain("MALLOC_ARENA_MAX=2");
    expect(readFileSync(`/proc/${member?.pid ?? 0}/cmdline`, "utf8")).toContain("--max-semi-space-size=32");

    expect((await shop.run("put", "greeting", "hello", "--dir", "first")).code).toBe(0);
    for (const { resp } of members) {
      expect(await shop.run("get", "greeting", "--server", resp)).toMatchObject({ code: 0, out: "hello\n" });
    }
    dev.child.kill("SIGINT");
    const { code, out } = await dev.ended;
    expect(code).toBe(0);
    expect(out).toContain("the data is kept");
    expect(existsSync(shop.path("first", "dev.json"))).toBe(false);
  });

  test("finds its data again, and is not changed by the way", async () => {
    const again = await shop.dev("--dir", "first", "--port-base", String(base));
    expect((await shop.run("get", "greeting", "--dir", "first")).out).toBe("hello\n");
    again.child.kill("SIGTERM");
    expect((await again.ended).code).toBe(0);

    const other = await shop.run("dev", ...devArgs("first", "--members", "5"));
    expect(other.code).toBe(2);
    expect(other.err).toContain("made otherwise: with --members 3, not 5");
    expect(other.err).toMatch(/next: .*--clean/);

    const clean = await shop.dev(...devArgs("first", "--members", "1", "--clean"));
    expect(clean.out).toContain("1 member of");
    expect((await shop.run("get", "greeting", "--dir", "first")).code).toBe(1);
    clean.child.kill("SIGHUP");
    expect((await clean.ended).code).toBe(0);
  });

  test("works where paths are too long for a socket", async () => {
    const deep = `${"long-".repeat(30)}/${"path-".repeat(20)}`;
    const dev = await shop.dev(...devArgs(deep, "--members", "1"));
    const { control } = shop.devJson(deep);
    expect(control).not.toContain(deep);
    expect((await shop.run("dev", "stop", "1", "--dir", deep)).out).toBe("member-1 is stopped\n");
    dev.child.kill("SIGINT");
    expect((await dev.ended).code).toBe(0);
    expect(existsSync(control)).toBe(false);
  });
});

describe("members", () => {
  test("are stopped, killed, started, paused and resumed by number or name", async () => {
    const dev = await shop.dev(...devArgs("play"));
    const say = (...words: string[]) => shop.run("dev", ...words, "--dir", "play");
    const states = () => shop.devJson("play").members.map(({ state }) => state);
    const before = shop.devJson("play").members.map(({ pid }) => pid);

    expect(await say("kill", "2")).toMatchObject({ code: 0, out: "member-2 is killed (-9)\n" });
    expect(states()).toEqual(["up", "killed", "up"]);
    expect((await shop.run("put", "cart", "apples", "--dir", "play")).code).toBe(0);
    expect((await shop.run("get", "cart", "--dir", "play")).out).toBe("apples\n");
    expect(await say("kill", "2")).toMatchObject({ code: 4, err: "kvorum: member-2 is already killed\n" });
    expect(await say("pause", "2")).toMatchObject({
      code: 4,
      err: "kvorum: member-2 is not running: it is killed\n",
    });
    expect(await say("start", "member-2")).toMatchObject({
      code: 0,
      out: textLike(/^member-2 is up \(pid \d+\)\n$/),
    });
    expect(await say("start", "2")).toMatchObject({ code: 4, err: "kvorum: member-2 is already running\n" });

    expect(await say("pause", "3")).toMatchObject({ code: 0, out: "member-3 is paused\n" });
    expect(stateOf(before[2])).toBe("T");
    expect(await say("pause", "3")).toMatchObject({ code: 4 });
    // The others pass it over within a second. What was sent to it before that ends with an unknown outcome.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect((await shop.run("put", "cart", "pears", "--dir", "play")).code).toBe(0);
    expect((await shop.run("get", "cart", "--dir", "play")).out).toBe("pears\n");
    expect(await say("resume", "3")).toMatchObject({ code: 0, out: "member-3 goes on\n" });
    expect(await say("resume", "3")).toMatchObject({
      code: 4,
      err: "kvorum: member-3 is not paused: it is up\n",
    });
    expect(stateOf(before[2])).not.toBe("T");

    expect(await say("pause", "1")).toMatchObject({ code: 0 });
    expect(await say("stop", "1")).toMatchObject({ code: 0, out: "member-1 is stopped\n" });
    expect(await say("stop", "1")).toMatchObject({ code: 4, err: "kvorum: member-1 is already stopped\n" });
    expect(await say("stop", "4")).toMatchObject({
      code: 4,
      err: "kvorum: there is no member 4: they are numbered 1 to 3\n",
    });
    const json = await shop.run("dev", "start", "1", "--dir", "play", "--json");
    expect(JSON.parse(json.out)).toMatchObject({ ok: true, verb: "start", member: "1" });
    expect(states()).toEqual(["up", "up", "up"]);
    expect(dev.out).toContain("kvorum: member-2 is killed (-9)\n");
    dev.child.kill("SIGINT");
    expect((await dev.ended).code).toBe(0);
  });

  test("that die by themselves are reported and not started again", async () => {
    const dev = await shop.dev(...devArgs("play"));
    const [, second] = shop.devJson("play").members;
    process.kill(second?.pid ?? 0, "SIGKILL");
    await dev.says("member-2 is gone: it was ended by SIGKILL");
    expect(dev.out).toContain("start it again: kvorum dev start 2");
    expect(shop.devJson("play").members[1]).toMatchObject({ state: "died", pid: 0 });
    expect((await shop.run("dev", "start", "2", "--dir", "play")).code).toBe(0);
    dev.child.kill("SIGINT");
    expect((await dev.ended).code).toBe(0);
  });

  test("whose directory was wiped stay away, though they have run alone since", async () => {
    const dev = await shop.dev(...devArgs("wiped"));
    const say = (...words: string[]) => shop.run("dev", ...words, "--dir", "wiped");
    expect((await say("kill", "3")).code).toBe(0);
    const { data, log } = shop.devJson("wiped").members[2] ?? expect.unreachable("there are three");
    rmSync(data, { recursive: true });
    for (const other of ["1", "2"]) expect((await say("pause", other)).code).toBe(0);
    expect((await say("start", "3")).code).toBe(0);
    expect((await say("kill", "3")).code).toBe(0);
    for (const other of ["1", "2"]) expect((await say("resume", other)).code).toBe(0);
    const advice = "Put the right directory back, or take member 3 out of the topology";
    const { code, err } = await say("start", "3");
    // The others may tell it so before it is up; then whoever starts it hears why.
    if (code === 0) await dev.says(advice);
    else expect(err).toContain(advice);
    expect(readFileSync(log, "utf8")).toContain("rolled-back");
    dev.child.kill("SIGINT");
    expect((await dev.ended).code).toBe(0);
  });

  test("that are paused end with the others", async () => {
    const dev = await shop.dev(...devArgs("play"));
    expect((await shop.run("dev", "pause", "1", "--dir", "play")).code).toBe(0);
    dev.child.kill("SIGTERM");
    expect((await dev.ended).code).toBe(0);
  });
});

describe("however it ends, nothing is left behind", () => {
  test("a Ctrl-C reaches the whole terminal", async () => {
    const dev = shop.begin(["dev", ...devArgs("ends")], { ownGroup: true });
    await dev.says("Ctrl-C stops every member");
    process.kill(-dev.pid, "SIGINT");
    const { code, out } = await dev.ended;
    expect(code).toBe(0);
    expect(out).not.toContain("is gone");
  });

  test("a Ctrl-C while it starts", async () => {
    const dev = shop.begin(["dev", ...devArgs("ends")], { ownGroup: true });
    await dev.says("starting 3 members");
    process.kill(-dev.pid, "SIGINT");
    expect((await dev.ended).code).toBe(0);
  });

  test("kill -9 of the supervisor, with a member paused", async () => {
    const dev = await shop.dev(...devArgs("ends"));
    const { members } = shop.devJson("ends");
    expect((await shop.run("dev", "pause", "2", "--dir", "ends")).code).toBe(0);
    dev.child.kill("SIGKILL");
    await dev.ended;
    await shop.expectNothingLeft();
    // In order, although nobody was there to ask for it: what is paused is resumed first.
    for (const { log } of members)
      expect(readFileSync(log, "utf8").trimEnd().split("\n").at(-1)).toContain('"stopped"');
  });

  test("kill -9 of everything at once, and a new start right after it", async () => {
    const dev = shop.begin(["dev", ...devArgs("ends")], { ownGroup: true });
    await dev.says("Ctrl-C stops every member");
    process.kill(-dev.pid, "SIGKILL");
    await dev.ended;
    const again = await shop.dev(...devArgs("ends"));
    again.child.kill("SIGINT");
    expect((await again.ended).code).toBe(0);
  });

  test("kill -9 of the supervisor alone, and a new start while its members still stop", async () => {
    const dev = await shop.dev(...devArgs("ends"));
    dev.child.kill("SIGKILL");
    await dev.ended;
    const again = await shop.dev(...devArgs("ends"));
    again.child.kill("SIGINT");
    expect((await again.ended).code).toBe(0);
  });

  test("a reader that goes away", async () => {
    const dev = await shop.dev(...devArgs("ends"));
    dev.child.stdout?.destroy();
    expect((await shop.run("dev", "kill", "1", "--dir", "ends")).code).toBe(0);
    dev.child.kill("SIGINT");
    expect((await dev.ended).code).toBe(0);
  });
});

describe("what stands in the way is named", () => {
  test("a cluster that already runs there", async () => {
    const dev = await shop.dev(...devArgs("ways", "--members", "1"));
    const second = await shop.run("dev", ...devArgs("ways"));
    expect(second.code).toBe(4);
    expect(second.err).toContain(`a cluster already runs in ${shop.path("ways")} (pid ${dev.pid})`);
    expect(second.err).toContain("--dir DIR --port-base PORT");
    const clean = await shop.run("dev", ...devArgs("ways", "--clean"));
    expect(clean.code).toBe(4);
    expect((await shop.run("put", "still", "here", "--dir", "ways")).code).toBe(0);
    dev.child.kill("SIGINT");
    expect((await dev.ended).code).toBe(0);
  });

  test("a port that somebody else has", async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(base + 202, "127.0.0.1", resolve));
    const refused = await shop.run("dev", ...devArgs("ports"));
    expect(refused.code).toBe(4);
    expect(refused.err).toContain(`port ${base + 202} (peers of member-2) is in use by another process`);
    expect(refused.err).toContain("--port-base");
    await new Promise((resolve) => holder.close(resolve));
    // Nothing was settled yet, so other wishes are fine.
    const dev = await shop.dev(...devArgs("ports", "--members", "1"));
    dev.child.kill("SIGINT");
    expect((await dev.ended).code).toBe(0);
  });

  test("a directory with somebody's things", async () => {
    mkdirSync(shop.path("mine", "thesis"), { recursive: true });
    for (const more of [[], ["--clean"]]) {
      const refused = await shop.run("dev", ...devArgs("mine", ...more));
      expect(refused.code).toBe(2);
      expect(refused.err).toContain("holds things that are not a kvorum cluster's (such as thesis)");
    }
    expect(existsSync(shop.path("mine", "thesis"))).toBe(true);
  });

  test("a member that cannot start", async () => {
    const dev = await shop.dev(...devArgs("broken"));
    dev.child.kill("SIGINT");
    await dev.ended;
    const identity = shop.path("broken", "data", "member-2", "identity");
    expect(existsSync(identity)).toBe(true);
    renameSync(identity, `${identity}.away`);
    const refused = await shop.run("dev", ...devArgs("broken"));
    expect(refused.code).toBe(4);
    expect(refused.err).toMatch(/member-2 did not start: .*identity/);
    expect(refused.err).toContain(shop.path("broken", "log", "member-2.log"));
    renameSync(`${identity}.away`, identity);
  });
});

/** As /proc has it: `T` is stopped. */
function stateOf(pid = 0): string {
  return /^State:\s+(\w)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "";
}
