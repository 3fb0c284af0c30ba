/** The yardstick: three skeletons. */
import { fileURLToPath } from "node:url";
import { nodeProcess } from "./node-process.ts";
import { readyOrStopped, stopAll, type Ground, type Opponent } from "./opponent.ts";

const script = fileURLToPath(new URL("../skeleton/main.js", import.meta.url));
const MEMBERS = 3;

export async function startSkeleton({ work, ports }: Ground): Promise<Opponent> {
  const respPorts = await ports.take(MEMBERS);
  const peerPorts = await ports.take(MEMBERS);
  const processes = respPorts.map((respPort, index) => {
    const id = index + 1;
    const words = [
      script,
      String(id),
      work.make(`skeleton-${id}`),
      String(respPort),
      ...peerPorts.map(String),
    ];
    return nodeProcess(work, `skeleton ${id}`, words);
  });
  await readyOrStopped(processes, async () => {
    await Promise.all(processes.map((server) => server.saysReady()));
  });
  return {
    name: "skeleton",
    version: `Node ${process.versions.node}`,
    ports: respPorts,
    processes,
    stop: () => stopAll(processes),
  };
}
