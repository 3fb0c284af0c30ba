/** Where a local cluster keeps its things: all in one directory, and nothing in it is anybody else's. */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { EXIT, Failure, systemCodeOf, usage, wordsOf } from "../failure.ts";

/** Everything that we create in the directory; whatever else lies there is not ours. */
const ours = ["cluster.json", "config", "control.sock", "data", "dev.json", "log"];

/** A unix socket's path has 104 bytes on some systems and 108 on others, with a closing zero. */
const SOCKET_PATH_BYTES_MAX = 103;

export class DevDirectory {
  /** Absolute. */
  readonly root: string;

  constructor(dir: string) {
    this.root = resolve(dir);
  }

  get settingsFile(): string {
    return join(this.root, "cluster.json");
  }

  get devFile(): string {
    return join(this.root, "dev.json");
  }

  configFile(member: string): string {
    return join(this.root, "config", `${member}.yaml`);
  }

  dataDir(member: string): string {
    return join(this.root, "data", member);
  }

  logFile(member: string): string {
    return join(this.root, "log", `${member}.log`);
  }

  /** The control socket; in the system's temporary directory when the path here is too long for a socket. */
  get controlSocket(): string {
    const path = join(this.root, "control.sock");
    if (Buffer.byteLength(path) <= SOCKET_PATH_BYTES_MAX) return path;
    const name = createHash("sha256").update(realpathSync(this.root)).digest("hex").slice(0, 16);
    return join(tmpdir(), `kvorum-${name}.sock`);
  }

  /** Makes the directory, or makes sure that it is one of ours. */
  create(): void {
    try {
      mkdirSync(this.root, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw directoryFailure(this.root, error);
    }
    this.#refuseForeign();
    for (const part of ["config", "data", "log"])
      mkdirSync(join(this.root, part), { recursive: true, mode: 0o700 });
  }

  /** Removes what a cluster left here; to be called by whoever listens on the control socket. */
  clean(): void {
    this.#refuseForeign();
    for (const name of ours) {
      if (name !== "control.sock") rmSync(join(this.root, name), { recursive: true, force: true });
    }
    this.create();
  }

  /** Whether a cluster has its settings here. */
  holdsCluster(): boolean {
    return this.#names().includes("cluster.json");
  }

  #refuseForeign(): void {
    const foreign = this.#names().filter((name) => !ours.includes(name) && !name.endsWith(".tmp"));
    if (foreign.length === 0) return;
    throw usage(
      `${this.root} holds things that are not a kvorum cluster's (such as ${foreign[0] ?? ""})`,
      "give a directory of its own: kvorum dev --dir DIR",
    );
  }

  #names(): string[] {
    try {
      return readdirSync(this.root);
    } catch (error) {
      if (systemCodeOf(error) === "ENOENT") return [];
      throw directoryFailure(this.root, error);
    }
  }
}

function directoryFailure(root: string, error: unknown): Failure {
  const code = systemCodeOf(error);
  if (code === "ENOTDIR" || code === "EEXIST") return usage(`${root} is not a directory`);
  return new Failure(EXIT.refused, code, `cannot use ${root}: ${wordsOf(error)}`, "give another with --dir");
}

/** Readers see the old text or the new one, never half of it. */
export function writeWhole(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text, { mode: 0o600, flush: true });
  renameSync(temporary, path);
}
