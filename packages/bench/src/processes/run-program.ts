/** Runs a program to its end and takes what it prints. */
import { spawn, spawnSync } from "node:child_process";
import { BenchFailure } from "../failure.ts";

export interface ProgramOutput {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Rejects when it cannot be started; how it ended is for the caller to judge. */
export function runProgram(program: string, words: readonly string[]): Promise<ProgramOutput> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { stdio: ["ignore", "pipe", "pipe"] });
    // Tools that count on with ^C go with us; nothing else would end them.
    const end = () => child.kill("SIGKILL");
    process.once("exit", end);
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
    child.once("error", (error) => {
      process.off("exit", end);
      reject(new BenchFailure("LOAD", `${program} cannot be run: ${error.message}`));
    });
    child.once("close", (code) => {
      process.off("exit", end);
      resolve({ code, out, err });
    });
  });
}

/** The first line that `PROGRAM WORDS…` prints, or null where it is not installed. */
export function firstLineOf(program: string, words: readonly string[]): string | null {
  const { error, stdout } = spawnSync(program, words, { encoding: "utf8" });
  return error === undefined ? (stdout.split("\n")[0] ?? "") : null;
}
