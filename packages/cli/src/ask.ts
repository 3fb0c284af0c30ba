/** Puts one question to the cluster: to the first member that answers. */
import { Connection, Unanswered, type Reply } from "./connection.ts";
import { EXIT, Failure, wordsOf } from "./failure.ts";
import { parseJson } from "./json.ts";

export interface Question {
  readonly name: string;
  readonly words: readonly (string | Buffer)[];
  /** Whose keys the words mean; undefined: those of `default`. */
  readonly namespace?: string | undefined;
  /** How long an answer may take. */
  readonly timeoutMs: number;
  /** Whether asking twice would do no harm: then the next member is asked when one does not answer. */
  readonly repeatable: boolean;
}

export interface Answer {
  readonly server: string;
  readonly reply: Reply;
}

export async function ask(servers: readonly string[], question: Question): Promise<Answer> {
  const tried: string[] = [];
  for (const server of servers) {
    try {
      return { server, reply: await askOne(server, question) };
    } catch (error) {
      const passedOver =
        error instanceof Unanswered || (error instanceof Failure && error.exitCode === EXIT.unreachable);
      if (!passedOver) throw error;
      if (error instanceof Unanswered && error.sent && !question.repeatable) {
        throw new Failure(
          EXIT.unknown,
          "UNKNOWN",
          `${wordsOf(error)}, and may have done it (outcome unknown)`,
          "read the key to see what happened; see the members with: kvorum status",
        );
      }
      tried.push(wordsOf(error));
    }
  }
  throw new Failure(
    EXIT.unreachable,
    "UNREACHABLE",
    `no member answered (${tried.join("; ")})`,
    "start a local cluster with: kvorum dev; or name a member with --server HOST:PORT",
  );
}

async function askOne(server: string, question: Question): Promise<Reply> {
  const connection = await Connection.open(server);
  try {
    if (question.namespace !== undefined) await connection.use(question.namespace);
    return await connection.call(question.timeoutMs, question.name, ...question.words);
  } finally {
    connection.close();
  }
}

/** Asks for one of the answers that come as JSON. */
export async function askAdmin(
  servers: readonly string[],
  timeoutMs: number,
  verb: string,
  words: readonly string[] = [],
  namespace?: string,
): Promise<{ server: string; value: unknown }> {
  const question = { name: "KV.ADMIN", words: [verb, ...words], namespace, timeoutMs, repeatable: true };
  const { server, reply } = await ask(servers, question);
  if (!Buffer.isBuffer(reply))
    throw new Failure(EXIT.refused, "REPLY", `${server} did not answer ${verb} with JSON`);
  return { server, value: parseJson(reply.toString("utf8"), `the answer of ${server}`) };
}
