/** What `bin/kvorum.js` calls. */
import { EXIT, wordsOf } from "./failure.ts";
import { run } from "./program.ts";
import { processTerminal } from "./terminal.ts";

/** `argv` is without node and the script. Sets the exit code of the process. */
export async function main(argv: readonly string[]): Promise<void> {
  const terminal = processTerminal();
  try {
    process.exitCode = await run(argv, terminal);
  } catch (error) {
    const stack = error instanceof Error && error.stack !== undefined ? error.stack : wordsOf(error);
    terminal.err(`kvorum: this is a mistake of kvorum itself:\n${stack}\n`);
    process.exitCode = EXIT.crashed;
  }
}
