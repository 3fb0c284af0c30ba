/** One question to a server that speaks RESP, on a connection of its own. */
import { Redis } from "ioredis";

const ASK_MS_MAX = 2_000;

/** Null when it cannot be reached or answers with an error. */
export async function ask(port: number, command: string, ...words: readonly string[]): Promise<unknown> {
  const redis = new Redis(port, "127.0.0.1", {
    protocol: 2,
    lazyConnect: true,
    connectTimeout: ASK_MS_MAX,
    commandTimeout: ASK_MS_MAX,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    enableReadyCheck: false,
    disableClientInfo: true,
  });
  redis.on("error", () => undefined);
  try {
    await redis.connect();
    return await redis.call(command, ...words);
  } catch {
    return null;
  } finally {
    redis.disconnect();
  }
}

/** The same for an answer that is JSON. */
export async function askJson(port: number, command: string, ...words: readonly string[]): Promise<unknown> {
  const answer = await ask(port, command, ...words);
  return typeof answer === "string" ? JSON.parse(answer) : null;
}
