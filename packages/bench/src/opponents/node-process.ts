/** Processes of Node that we measure all run with the flags that a member is started with in production. */
import { join } from "node:path";
import { ServerProcess } from "../processes/server-process.ts";
import type { WorkDirectory } from "../processes/work-directory.ts";

const NODE_FLAGS = ["--max-semi-space-size=32"];
const NODE_ENVIRONMENT = { UV_THREADPOOL_SIZE: "8", MALLOC_ARENA_MAX: "2" };

/** `script` with its words; `flags` come before it. */
export function nodeProcess(
  work: WorkDirectory,
  name: string,
  script: readonly string[],
  flags: readonly string[] = [],
): ServerProcess {
  return new ServerProcess({
    name,
    program: process.execPath,
    words: [...NODE_FLAGS, ...flags, ...script],
    logFile: join(work.make("logs"), `${name.replaceAll(" ", "-")}.log`),
    env: NODE_ENVIRONMENT,
    speaks: true,
  });
}
