/** The driver as whoever starts it sees it. */
import { fileURLToPath } from "node:url";
import { BenchFailure } from "../failure.ts";
import { nodeProcess } from "../opponents/node-process.ts";
import { ask } from "../opponents/ask.ts";
import type { Opponent } from "../opponents/opponent.ts";
import type { ServerProcess } from "../processes/server-process.ts";
import type { WorkDirectory } from "../processes/work-directory.ts";
import { isClosedReport, type ClosedReport } from "./closed-driver.ts";
import type { DriverLoad, DriverMode, DriverPlan, DriverTarget, SlotRange } from "./plan.ts";
import { isDriverReport, type DriverReport } from "./recorder.ts";

const script = fileURLToPath(new URL("./main.js", import.meta.url));
const CONNECTIONS = 60;
const FILL_OUTSTANDING = 1024;
const SEED = 1;

/** A client gives up after so long; one that fills a store has more patience. */
const REQUEST_MS_MAX = { open: 1000, closed: 30_000, fill: 30_000 };

export class DriverProcess {
  readonly #process: ServerProcess;

  static async start(work: WorkDirectory): Promise<DriverProcess> {
    const server = nodeProcess(work, "driver", [script]);
    await server.saysReady();
    return new DriverProcess(server);
  }

  private constructor(server: ServerProcess) {
    this.#process = server;
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Constant arrivals; `mark` names the phases after the first. */
  open(
    target: DriverTarget,
    load: DriverLoad,
    mode: Extract<DriverMode, { kind: "open" }>,
  ): Promise<DriverReport> {
    return this.#run({ target, load, mode }, isDriverReport);
  }

  /** How much the store takes when each connection asks again as soon as it has been answered. */
  async capacity(target: DriverTarget, load: DriverLoad, seconds: number): Promise<number> {
    const mode = { kind: "closed", seconds, outstanding: CONNECTIONS } as const;
    const { answered, seconds: took } = await this.#run({ target, load, mode }, isClosedReport);
    return answered / took;
  }

  /** Writes every key once, as fast as the store takes them. Some may fail; the report says how many. */
  load(target: DriverTarget, load: DriverLoad): Promise<ClosedReport> {
    const mode = { kind: "fill", outstanding: FILL_OUTSTANDING } as const;
    return this.#run({ target, load, mode }, isClosedReport);
  }

  /** The same where every key is needed afterwards. */
  async fill(target: DriverTarget, load: DriverLoad): Promise<void> {
    const report = await this.load(target, load);
    if (report.errors > 0)
      throw new BenchFailure(
        "LOAD",
        `${report.errors} of ${load.keys} keys could not be written (${report.firstError})`,
      );
  }

  /** Requests that are to start from now on belong to this phase. */
  mark(name: string): void {
    this.#process.notify({ kind: "phase", name });
  }

  /** Ends the open loop that is under way before its time; its report follows. */
  finish(): void {
    this.#process.notify({ kind: "finish" });
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }

  async #run<Report>(
    parts: Pick<DriverPlan, "target" | "load" | "mode">,
    isReport: (report: unknown) => report is Report,
  ): Promise<Report> {
    const plan: DriverPlan = {
      kind: "run",
      ...parts,
      timeoutMs: REQUEST_MS_MAX[parts.mode.kind],
      seed: SEED,
    };
    const answer = await this.#process.tell(plan, "ran");
    if ("report" in answer && isReport(answer.report)) return answer.report;
    throw new BenchFailure("LOAD", "the driver ended a run without a report");
  }
}

/** Where the driver connects: to every member alike; to the master of a key's slot where only that one serves it. */
export async function targetOf({ name, ports }: Opponent): Promise<DriverTarget> {
  const connectionsOfEach = CONNECTIONS / ports.length;
  if (name !== "redis-cluster") return { ports, slots: [], connectionsOfEach };
  return { ports, slots: readSlots(await ask(ports[0] ?? 0, "CLUSTER", "SLOTS")), connectionsOfEach };
}

/** The reply of CLUSTER SLOTS: from, to, then the master's host and port, then its replicas. */
export function readSlots(reply: unknown): SlotRange[] {
  if (!Array.isArray(reply)) throw new BenchFailure("LOAD", "CLUSTER SLOTS was not answered");
  return reply.map((range: unknown) => {
    const [from, to, master] = listOf(range);
    const [, port] = listOf(master);
    if (typeof from !== "number" || typeof to !== "number" || typeof port !== "number")
      throw new BenchFailure("LOAD", `CLUSTER SLOTS answered ${JSON.stringify(range)}`);
    return { from, to, port };
  });
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
