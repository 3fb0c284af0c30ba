/** A process that writes to a storage until it is killed, and tells what was acknowledged on its standard output. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath, pathToFileURL } from "node:url";

const server = pathToFileURL(fileURLToPath(new URL("../../dist/storage", import.meta.url))).href;

/** Runs in the child, from the built packages: it has no compiler. */
const script = `
  import { writeSync } from "node:fs";
  const { openStorage } = await import("${server}/open-storage.js");
  const { VolatileFiles } = await import("${server}/volatile-files.js");
  const [dir, first, durability, isVolatile] = process.argv.slice(1);
  let storage = null;
  let armed = false;
  const arm = () => {
    if (armed) return;
    armed = true;
    setImmediate(() => { armed = false; storage?.onTurnEnd(); });
  };
  const opening = await openStorage({
    dir, cluster: "test", memberId: 1, createdBy: "test", onInput: arm,
    resolver: { resolve: (key, existing, incoming) => incoming },
    events: { event: () => {}, fatal: (code, text) => { writeSync(2, code + ": " + text); process.exit(1); } },
    limits: { segmentBytesMax: 256 * 1024, roundBytesMax: 64 * 1024, engineLagMax: 4 },
    ...(isVolatile === "yes" ? { wrapFiles: (files) => new VolatileFiles(files) } : {}),
  });
  if (opening.kind === "refused") { writeSync(2, opening.code + ": " + opening.text); process.exit(1); }
  storage = opening.storage;
  const bytes = (text) => new TextEncoder().encode(text);
  let next = Number(first);
  const user = {
    onStored(tag) { writeSync(1, tag + "\\n"); issue(); },
    onRows() {},
  };
  function issue() {
    const index = next++;
    // Each key is written a few times; the value says by whom.
    storage.append(bytes("k" + (index % 5000)), bytes(index + "-" + "v".repeat(index % 400)), durability, user, index);
  }
  for (let i = 0; i < 64; i++) issue();
  arm();
`;

export interface Writing {
  readonly dir: string;
  /** The number of the first write. */
  readonly first: number;
  readonly durability: "fsync" | "os";
  /** Whether the kill takes what was not synced, too. */
  readonly isVolatile: boolean;
  /** So many acknowledgements come before the kill, at least. */
  readonly writes: number;
}

/** The numbers of the writes that were acknowledged before the process was killed. */
export async function writeUntilKilled({
  dir,
  first,
  durability,
  isVolatile,
  writes,
}: Writing): Promise<number[]> {
  const child = spawn(
    process.execPath,
    ["--input-type=module", "-e", script, dir, String(first), durability, isVolatile ? "yes" : "no"],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  let errors = "";
  let lines = 0;
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    output += chunk;
    lines += chunk.split("\n").length - 1;
    if (lines >= writes) child.kill("SIGKILL");
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (errors += chunk));
  await once(child, "close");
  if (child.signalCode !== "SIGKILL") throw new Error(`the writer ended by itself: ${errors}`);
  // A number that was cut off was not told.
  return output.slice(0, output.lastIndexOf("\n")).split("\n").map(Number);
}
