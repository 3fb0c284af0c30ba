/** `kvorum start`: one member, in this process. */
import type { Command } from "commander";
import { EXIT, Failure, type ExitCode } from "../failure.ts";

interface StartOptions {
  readonly dir?: string;
  readonly config: string;
}

export function addStart(program: Command, done: (code: ExitCode) => void): void {
  program
    .command("start")
    .description("run one member of a cluster that a configuration file lists")
    .requiredOption("--config <file>", "its kvorum.yaml")
    .option("--dir <dir>", "its data; comes before dir in the file")
    .addHelpText(
      "after",
      [
        "",
        "A kvorum.yaml; members that agree on everything but self, dir, limits, listen and peerOverrides are a cluster:",
        "  cluster: orchard",
        "  self: apple",
        "  dir: /var/lib/kvorum          # or --dir",
        "  members:",
        "    - { id: 1, name: apple, host: rack-1, zone: north, peer: 127.0.0.1:7601, resp: 127.0.0.1:7401, http: 127.0.0.1:7501 }",
        "  namespaces: [{ name: carts, policy: siblings, n: 3 }]",
        "",
        "The member logs to stderr as JSON lines and says on stdout when it is ready. INT, TERM and HUP stop it.",
        "Exit codes: 0 stopped; 2 the configuration cannot be used; 4 it may not start (data or port in use, another",
        "member's data, ...); 70 it had to stop at once. Node sizes its memory and threads before any of this runs,",
        "so for full speed start it as:",
        "  UV_THREADPOOL_SIZE=8 MALLOC_ARENA_MAX=2 NODE_OPTIONS=--max-semi-space-size=32 kvorum start ...",
      ].join("\n"),
    )
    .action(async ({ config, dir }: StartOptions) => {
      // Loaded only here: the other commands need no engine, and start sooner without it.
      const { runMember } = await import("@kvorum/server");
      const code = await runMember({ config, dir: dir ?? null });
      done(codeOf(code));
    });
}

function codeOf(code: number): ExitCode {
  const known = Object.values(EXIT).find((candidate) => candidate === code);
  if (known === undefined)
    throw new Failure(EXIT.crashed, "EXIT", `the member ended with the unknown code ${code}`);
  return known;
}
