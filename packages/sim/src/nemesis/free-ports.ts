/** Finds ports for a local cluster of its own: member n takes base + n, base + 100 + n and base + 200 + n. */
import { createServer } from "node:net";

/** Below what systems give to outgoing connections, and where no other tests are. */
const BASE_FIRST = 28_000;
const BASE_LAST = 32_400;
const BASES_APART = 300;

/** A base whose ports are free at the moment; `after`: the one that turned out not to be. */
export async function freePortBase(members: number, after = BASE_FIRST - BASES_APART): Promise<number> {
  for (let base = after + BASES_APART; base <= BASE_LAST; base += BASES_APART) {
    const ports = [0, 100, 200].flatMap((kind) =>
      Array.from({ length: members }, (_, index) => base + kind + index + 1),
    );
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return base;
  }
  throw new Error(`no ports are free for a cluster from ${BASE_FIRST} to ${BASE_LAST}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host: "127.0.0.1", exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
