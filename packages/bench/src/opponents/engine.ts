/** The storage of a member, driven in its own process. */
import { fileURLToPath } from "node:url";
import { nodeProcess } from "./node-process.ts";
import { readyOrStopped, stopAll, type Ground, type Opponent } from "./opponent.ts";

const script = fileURLToPath(new URL("../engine/main.js", import.meta.url));

export async function startEngine({ work }: Ground): Promise<Opponent> {
  const processes = [nodeProcess(work, "engine", [script, work.make("engine")])];
  await readyOrStopped(processes, async () => {
    await Promise.all(processes.map((server) => server.saysReady()));
  });
  return {
    name: "engine",
    version: `Node ${process.versions.node}`,
    ports: [],
    processes,
    stop: () => stopAll(processes),
  };
}
