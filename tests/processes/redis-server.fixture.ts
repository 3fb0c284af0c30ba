/** A real redis-server of its own: on a free port, in a directory that goes with it. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RawConnection, request } from "./raw-replies.fixture.ts";
import { until } from "./patience.fixture.ts";

/** Debian's package of that name, which CI installs. */
const PROGRAM = "redis-server";

/** Its major and minor number, `7.0`; empty where it is not installed. */
export function redisServerVersion(): string {
  const { stdout } = spawnSync(PROGRAM, ["--version"], { encoding: "utf8" });
  return /\bv=(\d+\.\d+)/.exec(stdout ?? "")?.[1] ?? "";
}

/** Its input ends with the test's process, however that ends; then the server goes too. */
const keeper = 'redis-server "$@" & server=$!; cat >/dev/null; kill "$server"; wait "$server"';

export class RedisServer {
  readonly port: number;
  readonly #dir: string;
  readonly #keeper: ChildProcess;

  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await freePort());
    await until("redis-server answers", () => server.#answers());
    return server;
  }

  private constructor(port: number) {
    this.port = port;
    this.#dir = mkdtempSync(join(tmpdir(), "kvorum-redis-"));
    const words = ["--port", String(port), "--bind", "127.0.0.1", "--dir", this.#dir, "--save", ""];
    this.#keeper = spawn("/bin/sh", ["-c", keeper, "keeper", ...words], {
      stdio: ["pipe", "ignore", "ignore"],
    });
  }

  async dispose(): Promise<void> {
    const ended = once(this.#keeper, "exit");
    this.#keeper.stdin?.end();
    await ended;
    rmSync(this.#dir, { recursive: true, force: true });
  }

  async #answers(): Promise<boolean> {
    try {
      const connection = await RawConnection.open(this.port);
      const answer = await connection.ask(request(["ping"]));
      connection.close();
      return answer === "+PONG\r\n";
    } catch {
      return false;
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen({ port: 0, host: "127.0.0.1" }, () => {
      const address = probe.address();
      const port = address !== null && typeof address === "object" ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
