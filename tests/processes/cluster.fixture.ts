/**
 * A local cluster as `npm start` makes one: the built `kvorum dev` in a directory and on ports of its own. What is
 * done to its members goes through the supervisor's control socket, as `kvorum dev kill 2` does, only without a
 * process for each word. Nothing of it outlives the test, however that ends.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { patiently, until } from "./patience.fixture.ts";

const launcher = fileURLToPath(new URL("../../packages/cli/bin/kvorum.js", import.meta.url));

/** Each member takes three ports, a hundred apart. */
const PORTS_APART = 300;
const PORT_TRIES = 3;
const HUNDREDS = [0, 100, 200];
const ADDED = "# added\n";

/** Waits until the test's process is gone, however it went, and ends the supervisor that it has left behind. */
const watchdog = 'cat >/dev/null; grep -qF "$2" "/proc/$1/cmdline" 2>/dev/null && kill -TERM "$1"';

export type Verb = "kill" | "start" | "pause" | "resume" | "stop";

interface DevMember {
  readonly id: number;
  readonly pid: number;
  readonly state: string;
  readonly resp: string;
  readonly log: string;
}

interface DevFile {
  readonly control: string;
  readonly members: readonly DevMember[];
}

export class LocalCluster {
  readonly members: readonly number[];
  readonly portBase: number;
  readonly #root: string;
  readonly #supervisor: ChildProcess;
  readonly #watchdog: ChildProcess;
  readonly #control: string;
  readonly #clients = new Set<Redis>();
  #said = "";

  /**
   * Resolves when all members serve and have met. `portsFrom`: of the test file's own 1,000 ports. `more`: further
   * options of `kvorum dev`.
   */
  static async start(portsFrom: number, size = 3, more: readonly string[] = []): Promise<LocalCluster> {
    const portBase = await freePortBase(portsFrom, size);
    const cluster = new LocalCluster(portBase, size, more);
    try {
      await cluster.#up();
    } catch (error) {
      await cluster.dispose();
      throw error;
    }
    return cluster;
  }

  private constructor(portBase: number, size: number, more: readonly string[]) {
    this.portBase = portBase;
    this.members = Array.from({ length: size }, (_, index) => index + 1);
    this.#root = mkdtempSync(join(tmpdir(), "kvorum-cluster-"));
    this.#control = join(this.#root, "control.sock");
    const place = ["--dir", this.#root, "--port-base", String(portBase)];
    const words = ["dev", ...place, "--members", String(size), ...more];
    this.#supervisor = spawn(process.execPath, [launcher, ...words], {
      cwd: this.#root,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const { pid = 0 } = this.#supervisor;
    this.#watchdog = spawn("/bin/sh", ["-c", watchdog, "watchdog", String(pid), this.#root], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    });
    for (const stream of [this.#supervisor.stdout, this.#supervisor.stderr])
      stream?.on("data", (chunk: Buffer) => (this.#said += chunk.toString()));
  }

  port(member: number): number {
    return this.portBase + member;
  }

  others(...gone: readonly number[]): number[] {
    return this.members.filter((member) => !gone.includes(member));
  }

  /** Does the same to several members at once. Rejects when the supervisor refuses. */
  async do(verb: Verb, ...members: readonly number[]): Promise<void> {
    await Promise.all(members.map((member) => this.#ask({ verb, member: String(member) })));
  }

  /** Cuts the link between two members, or only what the first sends to the second. */
  async cut(from: number, to: number, oneWay = false): Promise<void> {
    await this.#ask({ verb: "partition", link: `${from}:${to}`, oneWay });
  }

  /** Mends every link. */
  async heal(): Promise<void> {
    await this.#ask({ verb: "heal", link: "", oneWay: false });
  }

  /** A client of one member: it reconnects by itself, and never sends a request a second time. */
  client(member: number): Redis {
    const client = new Redis(this.port(member), "127.0.0.1", {
      retryStrategy: () => 50,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      autoResubscribe: false,
      connectTimeout: 10_000,
    });
    // What goes wrong is told by the requests.
    client.on("error", () => undefined);
    this.#clients.add(client);
    return client;
  }

  /** Resolves when each of these members serves and is linked to all the others of them. */
  async serves(members: readonly number[] = this.members): Promise<void> {
    await Promise.all(members.map((member) => this.#serves(member, members)));
  }

  /** The last lines of a member's log, for the message of a test that fails. */
  logOf(member: number, lines = 10): string {
    const file = this.#devFile().members.find(({ id }) => id === member)?.log ?? "";
    return readFileSync(file, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
  }

  /** Adds lines to the configuration that a member has from its next start on, in place of those added before. */
  configure(member: number, lines: string): void {
    const file = join(this.#root, "config", `member-${member}.yaml`);
    const [own] = readFileSync(file, "utf8").split(ADDED);
    writeFileSync(file, `${own}${ADDED}${lines}\n`);
  }

  /** Members that have ended although nobody asked them to. */
  died(): number[] {
    return this.#devFile()
      .members.filter(({ state }) => state === "died")
      .map(({ id }) => id);
  }

  /** Ends everything, first in order and then by force, and makes sure that no process is left. */
  async dispose(): Promise<void> {
    for (const client of this.#clients) client.disconnect();
    const ended = new Promise<void>((resolve) => {
      if (this.#supervisor.exitCode !== null || this.#supervisor.signalCode !== null) resolve();
      else this.#supervisor.once("exit", () => resolve());
    });
    this.#supervisor.kill("SIGTERM");
    await patiently(ended, 30_000).catch(() => this.#supervisor.kill("SIGKILL"));
    this.#watchdog.stdin?.end();
    for (const pid of this.#processes()) killNow(pid);
    await until("no process of the cluster is left", () => this.#processes().length === 0);
    rmSync(this.#root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  async #up(): Promise<void> {
    await until("the cluster is up", () => {
      if (this.#supervisor.exitCode !== null) throw new Error(`kvorum dev ended:\n${this.#said}`);
      return this.#said.includes("Ctrl-C stops every member");
    });
    await this.serves();
  }

  async #serves(member: number, linked: readonly number[]): Promise<void> {
    const client = this.client(member);
    try {
      await until(`member ${member} serves and has met ${linked.join(", ")}`, async () => {
        const status: unknown = JSON.parse(String(await client.call("KV.ADMIN", "STATUS").catch(() => "{}")));
        return hasMet(
          status,
          linked.filter((other) => other !== member),
        );
      });
    } finally {
      client.disconnect();
      this.#clients.delete(client);
    }
  }

  #devFile(): DevFile {
    return JSON.parse(readFileSync(join(this.#root, "dev.json"), "utf8")) as DevFile;
  }

  #ask(request: Readonly<Record<string, unknown>>): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(this.#control);
      let text = "";
      socket.setEncoding("utf8");
      socket.on("connect", () => socket.write(`${JSON.stringify(request)}\n`));
      socket.on("data", (chunk: string) => (text += chunk));
      socket.on("error", reject);
      socket.on("close", () => {
        const answer = text === "" ? {} : (JSON.parse(text) as { ok?: boolean; text?: string });
        if (answer.ok === true) resolve();
        else reject(new Error(`kvorum dev ${JSON.stringify(request)}: ${answer.text ?? "no answer"}`));
      });
    });
  }

  /** Every process whose command line names the directory: supervisor, members, guard, watchdog. */
  #processes(): number[] {
    return readdirSync("/proc")
      .filter((name) => /^[0-9]+$/.test(name) && commandLine(name).includes(this.#root))
      .map(Number);
  }
}

function hasMet(status: unknown, others: readonly number[]): boolean {
  const { state, peers = [] } = status as {
    state?: string;
    peers?: readonly { id: number; state: string }[];
  };
  if (state !== "serving") return false;
  return others.every((other) => peers.some((peer) => peer.id === other && peer.state === "up"));
}

function killNow(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has just ended.
  }
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

async function freePortBase(from: number, size: number): Promise<number> {
  for (let tries = 0; tries < PORT_TRIES; tries++) {
    const base = from + tries * PORTS_APART;
    const ports = HUNDREDS.flatMap((hundred) =>
      Array.from({ length: size }, (_, index) => base + hundred + index + 1),
    );
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return base;
  }
  throw new Error(`no ${PORT_TRIES} tries from port ${from} on found free ports`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host: "127.0.0.1", exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
