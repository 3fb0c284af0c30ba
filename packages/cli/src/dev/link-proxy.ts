/**
 * What stands between two members so that their link can be cut: a cut is silence, as on a broken cable, and not the
 * end of a connection. Whoever dials is accepted by the kernel in any case; while either way is cut nobody takes the
 * call up, which to the caller is the same as a dial that hangs.
 */
import { connect, createServer, type Server, type Socket } from "node:net";
import { ProxiedConnection } from "./proxied-connection.ts";

export interface ProxyAddress {
  readonly host: string;
  readonly port: number;
}

/** `out`: from the member that dials to the other one. */
export type WayName = "out" | "back";

/** A member dials with one connection for each lane; more than these have been given up by whoever dialled. */
const HELD_MAX = 4;
const LOOK_EVERY_MS = 10;

export class LinkProxy {
  readonly #target: ProxyAddress;
  readonly #server: Server;
  readonly #connections = new Set<ProxiedConnection>();
  /** Accepted while something was cut, the oldest first. */
  #held: Socket[] = [];
  readonly #cut = new Set<WayName>();

  constructor(target: ProxyAddress) {
    this.#target = target;
    const options = { pauseOnConnect: true, allowHalfOpen: true, noDelay: true };
    this.#server = createServer(options, (near) => this.#accept(near));
  }

  /** Resolves to where it listens: a port that the system chooses. */
  listen(): Promise<ProxyAddress> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ host: "127.0.0.1", port: 0 }, () => {
        this.#server.off("error", reject);
        const bound = this.#server.address();
        if (bound !== null && typeof bound === "object") resolve({ host: bound.address, port: bound.port });
        else reject(new Error("a proxy has no port"));
      });
    });
  }

  isCut(way: WayName): boolean {
    return this.#cut.has(way);
  }

  cut(...ways: readonly WayName[]): void {
    for (const way of ways) {
      this.#cut.add(way);
      for (const connection of this.#connections) connection[way].isCut = true;
    }
  }

  mend(): void {
    for (const way of this.#cut) for (const connection of this.#connections) connection[way].isCut = false;
    this.#cut.clear();
    for (const near of this.#held.splice(0)) this.#takeUp(near);
  }

  /** Resolves when so many connections have carried bytes both ways; false when that takes too long. */
  async carries(connections: number, timeoutMs: number): Promise<boolean> {
    const untilMs = performance.now() + timeoutMs;
    while ([...this.#connections].filter(({ isUsed }) => isUsed).length < connections) {
      if (performance.now() > untilMs) return false;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    return true;
  }

  close(): void {
    this.#server.close();
    for (const near of this.#held) near.destroy();
    for (const connection of this.#connections) connection.destroy();
  }

  #accept(near: Socket): void {
    if (this.#cut.size === 0) {
      this.#takeUp(near);
      return;
    }
    near.on("error", () => undefined);
    near.once("close", () => {
      this.#held = this.#held.filter((held) => held !== near);
    });
    this.#held.push(near);
    if (this.#held.length > HELD_MAX) this.#held[0]?.destroy();
  }

  #takeUp(near: Socket): void {
    const far = connect({ ...this.#target, noDelay: true, allowHalfOpen: true });
    this.#connections.add(new ProxiedConnection(near, far, (gone) => this.#connections.delete(gone)));
  }
}
