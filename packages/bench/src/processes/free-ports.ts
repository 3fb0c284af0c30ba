/** Finds ports that are free at the moment. */
import { createServer } from "node:net";
import { BenchFailure } from "../failure.ts";

/** Below what systems give to outgoing connections, and away from what the tests use. */
const PORT_FIRST = 20_000;
const PORT_LAST = 22_699;
/** Redis Cluster's bus listens so far above its port. */
const BUS_APART = 10_000;

/** Hands out each port once. */
export class FreePorts {
  #next: number;

  constructor() {
    // Runs that begin at the same moment should not try the same ports.
    this.#next = PORT_FIRST + (process.pid % (PORT_LAST - PORT_FIRST));
  }

  async take(count: number): Promise<number[]> {
    const found: number[] = [];
    for (let looked = 0; looked <= PORT_LAST - PORT_FIRST && found.length < count; looked++) {
      const port = this.#next;
      this.#next = port >= PORT_LAST ? PORT_FIRST : port + 1;
      if ((await isFree(port)) && (await isFree(port + BUS_APART))) found.push(port);
    }
    if (found.length < count)
      throw new BenchFailure("START", `no ports are free from ${PORT_FIRST} to ${PORT_LAST}`);
    return found;
  }

  async one(): Promise<number> {
    const [port = 0] = await this.take(1);
    return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host: "127.0.0.1", exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
