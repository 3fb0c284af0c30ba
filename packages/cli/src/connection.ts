/** A connection to one member, by RESP. */
import { OUTCOMES } from "@kvorum/core";
import { parseAddress } from "@kvorum/server";
import { Redis } from "ioredis";
import { EXIT, Failure, wordsOf, type ExitCode } from "./failure.ts";

/** What RESP can say, errors aside. */
export type Reply = null | number | Buffer | readonly Reply[];

/** A member answers a ping within this, or is passed over. */
const PING_MS = 1000;

/** The member could not be asked, or did not answer: somebody else may. */
export class Unanswered extends Error {
  /** Whether it may have received the command. */
  readonly sent: boolean;
  readonly reason: string;

  constructor(server: string, reason: string, sent: boolean) {
    super(`${server}: ${reason}`);
    this.name = "Unanswered";
    this.reason = reason;
    this.sent = sent;
  }
}

export class Connection {
  readonly server: string;
  readonly #redis: Redis;

  private constructor(server: string, redis: Redis) {
    this.server = server;
    this.#redis = redis;
  }

  /** Resolves when the member has answered a ping; else rejects with `Unanswered`. */
  static async open(server: string): Promise<Connection> {
    const address = parseAddress(server);
    if (address === null) throw new Unanswered(server, "is not an address", false);
    const redis = new Redis({
      ...address,
      lazyConnect: true,
      protocol: 2,
      connectTimeout: PING_MS,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      enableReadyCheck: false,
      enableOfflineQueue: false,
      disableClientInfo: true,
      // Else a connection that never came to be keeps the process for two seconds.
      disconnectTimeout: 50,
    });
    let reason = "";
    redis.on("error", (error) => (reason = wordsOf(error)));
    const connection = new Connection(server, redis);
    try {
      await within(PING_MS, redis.connect());
      await within(PING_MS, redis.ping());
      return connection;
    } catch (error) {
      connection.close();
      // The rejected call only says that the connection is closed; the event before it says why.
      throw new Unanswered(server, reason === "" ? wordsOf(error) : reason, false);
    }
  }

  /** Chooses whose keys later calls mean. Rejects as `call` does, but nothing has been asked of keys yet. */
  async use(namespace: string): Promise<void> {
    try {
      await this.call(PING_MS, "KV.USE", namespace);
    } catch (error) {
      throw error instanceof Unanswered ? new Unanswered(this.server, error.reason, false) : error;
    }
  }

  /** Rejects with `Unanswered`, or with a `Failure` that carries the member's own words. */
  async call(timeoutMs: number, name: string, ...words: (string | Buffer)[]): Promise<Reply> {
    try {
      return replyOf(await within(timeoutMs, this.#redis.callBuffer(name, ...words)));
    } catch (error) {
      if (error instanceof Error && error.name === "ReplyError") throw failureOf(error.message);
      throw new Unanswered(this.server, wordsOf(error), true);
    }
  }

  close(): void {
    this.#redis.disconnect();
  }
}

/** The member's error as a failure: the first word of a RESP error is a code of the one table of outcomes. */
export function failureOf(message: string): Failure {
  const [word = "", ...rest] = message.split(" ");
  const outcome = Object.values(OUTCOMES).find((info) => info.resp === word);
  const text = outcome === undefined || outcome.resp === "ERR" ? message : `${word}: ${rest.join(" ")}`;
  let exitCode: ExitCode = EXIT.refused;
  if (outcome !== undefined && !outcome.definite) exitCode = EXIT.unknown;
  if (word === OUTCOMES.LOADING.resp) exitCode = EXIT.unreachable;
  return new Failure(exitCode, word, text, outcome?.retriable === true ? nextOf(exitCode) : "");
}

function nextOf(exitCode: ExitCode): string {
  return exitCode === EXIT.unknown
    ? "read the key to see what happened; see the members with: kvorum status"
    : "see the members with: kvorum status";
}

function replyOf(value: unknown): Reply {
  if (value === null || typeof value === "number" || Buffer.isBuffer(value)) return value;
  if (typeof value === "string") return Buffer.from(value);
  if (Array.isArray(value)) return value.map(replyOf);
  throw new Failure(EXIT.refused, "REPLY", `the member answered with something unexpected (${typeof value})`);
}

function within<T>(timeoutMs: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
