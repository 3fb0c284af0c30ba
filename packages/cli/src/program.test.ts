import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { run } from "./program.ts";
import { some, textLike } from "./matching.fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "kvorum-program-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function kvorum(...argv: string[]): Promise<Ended> {
  let out = "";
  let err = "";
  const code = await run(argv, {
    out: (text) => (out += typeof text === "string" ? text : Buffer.from(text).toString()),
    err: (text) => (err += text),
    progress: null,
    env: {},
  });
  return { code, out, err };
}

/** Nobody listens there. */
const nobody = ["--server", "127.0.0.1:1"];

describe("help and version", () => {
  test("are answers, not errors", async () => {
    expect(await kvorum("--version")).toMatchObject({
      code: 0,
      out: textLike(/^\d+\.\d+\.\d+\n$/),
      err: "",
    });
    const help = await kvorum("--help");
    expect(help).toMatchObject({ code: 0, err: "" });
    for (const word of ["dev", "start", "status", "ring", "explain", "Exit codes", "KVORUM_SERVER"]) {
      expect(help.out).toContain(word);
    }
  });

  test("there is one for each command", async () => {
    for (const command of [
      "dev",
      "start",
      "status",
      "members",
      "ring",
      "get",
      "put",
      "delete",
      "explain",
      "exchanges",
      "hints",
      "partitions",
      "verify",
    ]) {
      const { code, out } = await kvorum(command, "--help");
      expect([command, code]).toEqual([command, 0]);
      expect(out).toContain(`Usage: kvorum ${command}`);
    }
    for (const verb of ["stop", "kill", "start", "pause", "resume", "partition", "heal"]) {
      expect((await kvorum("dev", verb, "--help")).out).toContain(`Usage: kvorum dev ${verb}`);
    }
  });
});

describe("wrong usage ends with 2 and says what would be right", () => {
  test.each([
    [["staus"], "Did you mean status?"],
    [[], "Usage: kvorum"],
    [["get"], "missing required argument 'key'"],
    [["get", "a", "b"], "too many arguments"],
    [["put", "a"], "missing required argument 'value'"],
    [["get", "a", "--r", "0"], "a number of homes, or one, quorum or all"],
    [["get", "a", "--r", "some"], "a number of homes, or one, quorum or all"],
    [["put", "a", "b", "--w", "-1"], "a number of homes"],
    [["put", "a", "b", "--durability", "maybe"], "Allowed choices are fsync, os"],
    [["put", "a", "b", "--ttl-ms", "1e3"], "must be a whole number from 1 to"],
    [["put", "a", "b", "--ttl-ms", "0"], "must be a whole number from 1 to"],
    [["put", "a", "b", "--timeout-ms", "60001"], "must be a whole number from 1 to 60000"],
    [["put", "a", "b", "--context", "two words"], "the context that get --json or a receipt shows"],
    [["get", "a", "--nonsense"], "unknown option '--nonsense'"],
    [["status", "--server", "nowhere"], "--server takes HOST:PORT"],
    [["start", "--dir", "x"], "required option '--config <file>' not specified"],
    [["dev", "--members", "0"], "must be a whole number from 1 to 99"],
    [["dev", "--members", "100"], "must be a whole number from 1 to 99"],
    [["dev", "--port-base", "65237"], "must be a whole number from 1 to 65236"],
    [["dev", "--regions", "2"], "this release has --regions 1"],
    [["dev", "--namespace", "carts"], "--namespace takes NAME:POLICY such as carts:siblings"],
    [
      ["dev", "--namespace", "carts:counter"],
      "the policy counter is not there; this release has siblings and lww",
    ],
    [["dev", "kill"], "missing required argument 'member'"],
    [["dev", "kill", "all"], "all is not a member; say 2 or member-2"],
    [["dev", "kill", "0"], "0 is not a member"],
    [["dev", "add"], "adding members to a running cluster (kvorum dev add) is not there yet"],
    [["dev", "partition"], "missing required argument 'link'"],
    [["dev", "partition", "1"], "1 is not a link; name two members, such as 1:2"],
    [["dev", "partition", "1:2:3"], "1:2:3 is not a link"],
    [["dev", "partition", "2:member-2"], "2:member-2 names one member twice"],
    [["dev", "heal", "1:1"], "name the other member too, such as 1:2"],
  ])("%j", async (argv, words) => {
    const { code, out, err } = await kvorum(...argv);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toContain(words);
  });
});

describe("when nobody answers", () => {
  test.each([
    ["status"],
    ["members"],
    ["ring"],
    ["ring", "a"],
    ["get", "a"],
    ["put", "a", "b"],
    ["delete", "a"],
    ["explain", "a"],
    ["namespace", "list"],
    ["exchanges"],
    ["hints"],
    ["partitions"],
    ["verify"],
  ])("%s %s ends with 3, names who was asked and the next step", async (...argv) => {
    const { code, out, err } = await kvorum(...argv.filter((word) => word !== undefined), ...nobody);
    expect(code).toBe(3);
    expect(out).toBe("");
    expect(err).toMatch(/^kvorum: no member answered \(127\.0\.0\.1:1: /);
    expect(err).toContain("next: start a local cluster with: kvorum dev");
  });

  test("with --json the failure is JSON", async () => {
    const { code, out, err } = await kvorum("get", "a", "--json", ...nobody);
    expect([code, err]).toEqual([3, ""]);
    expect(JSON.parse(out)).toEqual({
      error: {
        code: "UNREACHABLE",
        message: textLike("127.0.0.1:1"),
        next: some(String),
        exitCode: 3,
      },
    });
  });

  test.each([["stop", "1"], ["partition", "1:2"], ["heal"]])(
    "kvorum dev %s finds no cluster",
    async (...words) => {
      const argv = words.filter((word) => word !== undefined);
      const { code, err } = await kvorum("dev", ...argv, "--dir", join(folder, "nowhere"));
      expect(code).toBe(3);
      expect(err).toContain(`no cluster runs in ${join(folder, "nowhere")}`);
      expect(err).toContain("start one with: kvorum dev");
    },
  );

  test("kvorum dev stop finds a cluster whose supervisor was killed", async () => {
    writeFileSync(
      join(folder, "dev.json"),
      JSON.stringify({ pid: 1, control: join(folder, "control.sock"), members: [] }),
    );
    const { code, err } = await kvorum("dev", "stop", "1", "--dir", folder);
    expect(code).toBe(3);
    expect(err).toContain(`no cluster runs in ${folder} (`);
  });
});

describe("kvorum start", () => {
  test("that cannot use its configuration ends with 2", async () => {
    const written: string[] = [];
    const real = process.stderr.write.bind(process.stderr);
    process.stderr.write = (text: string | Uint8Array) => written.push(String(text)) > 0;
    try {
      const { code } = await kvorum("start", "--config", join(folder, "absent.yaml"), "--dir", folder);
      expect(code).toBe(2);
    } finally {
      process.stderr.write = real;
    }
    expect(written.join("")).toContain("absent.yaml: does not exist");
  });
});
