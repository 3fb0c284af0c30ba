/** Whether the ports that a local cluster needs are free. */
import { createServer } from "node:net";
import { systemCodeOf } from "../failure.ts";

export interface WantedPort {
  readonly port: number;
  /** Such as `redis of member-2`. */
  readonly use: string;
}

/** Those that another process holds. */
export async function takenPorts(wanted: readonly WantedPort[]): Promise<WantedPort[]> {
  const free = await Promise.all(wanted.map(({ port }) => isFree(port)));
  return wanted.filter((_, index) => free[index] === false);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (error) =>
      resolve(systemCodeOf(error) !== "EADDRINUSE" && systemCodeOf(error) !== "EACCES"),
    );
    probe.listen({ port, host: "127.0.0.1", exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
