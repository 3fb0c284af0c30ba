/** A proxy that passes bytes on in pieces of random length, each on its own, so that nothing arrives in one chunk. */
import { type AddressInfo, type Server, type Socket, connect, createServer } from "node:net";
import type { Address } from "@kvorum/core";
import { Prng } from "@kvorum/core/testing";

export class CuttingProxy {
  readonly #server: Server;
  readonly #random: Prng;
  readonly #sockets = new Set<Socket>();
  connections = 0;
  pieces = 0;

  constructor(target: () => Address, seed: number) {
    this.#random = new Prng(seed);
    this.#server = createServer({ noDelay: true }, (near) => {
      this.connections++;
      const far = connect({ ...target(), noDelay: true });
      this.#join(near, far);
      this.#join(far, near);
    });
  }

  listen(): Promise<Address> {
    return new Promise((resolve) => {
      this.#server.listen({ host: "127.0.0.1", port: 0 }, () => {
        resolve({ host: "127.0.0.1", port: (this.#server.address() as AddressInfo).port });
      });
    });
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on("data", (chunk: Buffer) => {
      from.pause();
      this.#pass(chunk, 0, to, () => from.resume());
    });
    from.on("error", () => to.destroy());
    from.on("close", () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }

  #pass(chunk: Buffer, at: number, to: Socket, done: () => void): void {
    if (at >= chunk.length) {
      done();
      return;
    }
    const length = 1 + this.#random.below(this.#random.below(3) === 0 ? 50 : 20_000);
    this.pieces++;
    to.write(chunk.subarray(at, at + length), () => {
      setImmediate(() => this.#pass(chunk, at + length, to, done));
    });
  }
}
