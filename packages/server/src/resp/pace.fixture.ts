/**
 * Well-behaved clients in a process of their own: reads, and every fifth time a write, at a fixed pace, whatever the
 * member does; latencies count from when a request was due.
 */
import { fork, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SCRIPT = `
import { connect } from "node:net";
const port = Number(process.argv[2]);
let latencies = [];
let wrong = 0;
for (let id = 0; id < 10; id++) {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  const due = [];
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
    for (let end = text.indexOf("\\n"); end >= 0; end = text.indexOf("\\n")) {
      const line = text.slice(0, end - 1);
      text = text.slice(end + 1);
      const at = due.shift();
      latencies.push(performance.now() - at);
      if (line !== "+OK" && line !== "$-1") wrong++;
    }
  });
  socket.on("error", () => wrong++);
  let next = performance.now() + id;
  let count = 0;
  setInterval(() => {
    for (; next <= performance.now(); next += 10) {
      due.push(next);
      socket.write(++count % 5 === 0 ? "SET pace-" + id + " v\\r\\n" : "GET nothing-" + id + "\\r\\n");
    }
  }, 1);
}
process.on("message", () => {
  const sorted = Float64Array.from(latencies).sort();
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  process.send({ answers: sorted.length, wrong, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) });
  latencies = [];
});
process.on("disconnect", () => process.exit());
`;

export interface Window {
  readonly answers: number;
  /** Since the beginning. */
  readonly wrong: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export class Pace {
  readonly #dir = mkdtempSync(join(tmpdir(), "kvorum-pace-"));
  readonly #child: ChildProcess;

  constructor(port: number) {
    const script = join(this.#dir, "pace.mjs");
    writeFileSync(script, SCRIPT);
    this.#child = fork(script, [String(port)], { execArgv: [] });
  }

  /** What there was since the last time. */
  window(): Promise<Window> {
    return new Promise((resolve, reject) => {
      this.#child.once("message", (message) => resolve(message as Window));
      this.#child.send("window", (error) => {
        if (error !== null) reject(error);
      });
    });
  }

  stop(): void {
    this.#child.disconnect();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
