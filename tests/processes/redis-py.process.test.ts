/** redis-py, unmodified, against three real members. Debian's package of it, which CI installs, is for this Python. */
import { execFile, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LocalCluster } from "./cluster.fixture.ts";

const run = promisify(execFile);

const PYTHON = "/usr/bin/python3";
const script = fileURLToPath(new URL("redis-py.fixture.py", import.meta.url));
const hasClient = spawnSync(PYTHON, ["-c", "import redis"]).status === 0;

describe.skipIf(!hasClient)("redis-py", () => {
  let cluster: LocalCluster;
  beforeAll(async () => {
    cluster = await LocalCluster.start(20_000);
  }, 120_000);
  afterAll(() => cluster.dispose(), 120_000);

  test("values, pipelines, scans, errors, tools, a pool, a cluster", async () => {
    const ports = cluster.members.map((member) => String(cluster.port(member)));
    expect(await run(PYTHON, [script, ...ports])).toEqual({ stdout: "", stderr: "" });
  });
});
