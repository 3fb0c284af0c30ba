/** The control: a raw echo in Node, one process. */
import { fileURLToPath } from "node:url";
import { nodeProcess } from "./node-process.ts";
import { readyOrStopped, stopAll, type Ground, type Opponent } from "./opponent.ts";

const script = fileURLToPath(new URL("../echo/main.js", import.meta.url));

export async function startEcho({ work, ports }: Ground): Promise<Opponent> {
  const port = await ports.one();
  const processes = [nodeProcess(work, "echo", [script, String(port)])];
  await readyOrStopped(processes, async () => {
    await Promise.all(processes.map((server) => server.saysReady()));
  });
  return {
    name: "echo",
    version: `Node ${process.versions.node}`,
    ports: [port],
    processes,
    stop: () => stopAll(processes),
  };
}
