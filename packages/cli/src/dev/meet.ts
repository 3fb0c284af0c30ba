/** Waits until members have found each other, so that the first command somebody types meets a whole cluster. */
import { readStatus } from "../admin.ts";
import { askAdmin } from "../ask.ts";

const PATIENCE_MS = 5000;
const LOOK_EVERY_MS = 50;
const ANSWER_MS = 1000;

/** Resolves when each of the servers is linked to all the others, when that takes too long, or when told to give up. */
export async function untilMet(servers: readonly string[], givenUp: () => boolean): Promise<void> {
  const untilMs = performance.now() + PATIENCE_MS;
  while (performance.now() < untilMs && !givenUp()) {
    const met = await Promise.all(servers.map(hasMet));
    if (met.every((each) => each)) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

async function hasMet(server: string): Promise<boolean> {
  try {
    const { peers } = readStatus((await askAdmin([server], ANSWER_MS, "STATUS")).value);
    return peers.every(({ state }) => state === "up");
  } catch {
    return false;
  }
}
