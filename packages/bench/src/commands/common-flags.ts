/** What every command of the benchmark takes, and how each of them runs. */
import { writeFileSync } from "node:fs";
import { InvalidArgumentError } from "commander";
import { EXIT, type ExitCode } from "../failure.ts";
import type { Ground } from "../opponents/opponent.ts";
import { FreePorts } from "../processes/free-ports.ts";
import { WorkDirectory } from "../processes/work-directory.ts";
import { writeTable, type TableName } from "../report/readme.ts";

export interface CommonFlags {
  readonly quick?: true;
  readonly rounds?: number;
  readonly seconds?: number;
  /** Parts of names. */
  readonly only?: readonly string[];
  readonly json?: string;
  readonly write?: true;
  readonly dir?: string;
}

export function wholeNumber(text: string): number {
  if (!/^[1-9][0-9]{0,6}$/.test(text)) throw new InvalidArgumentError("It takes a whole number from 1.");
  return Number(text);
}

export function seconds(text: string): number {
  if (!/^[0-9]{1,4}(\.[0-9]{1,3})?$/.test(text) || Number(text) === 0)
    throw new InvalidArgumentError("It takes seconds, such as 5 or 1.5.");
  return Number(text);
}

export function another(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

/** Tells what is going on; results alone go to the standard output. */
export function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Gives a run a directory and ports; the directory goes with it. */
export async function onGround<T>({ dir }: CommonFlags, use: (ground: Ground) => Promise<T>): Promise<T> {
  const work = new WorkDirectory(dir);
  try {
    return await use({ work, ports: new FreePorts() });
  } finally {
    work.remove();
  }
}

/** Prints a run, writes it down where that is wished, and says how the benchmark ends. */
export function deliver(
  run: { readonly void: string | null },
  text: string,
  table: TableName,
  { json, write }: CommonFlags,
): ExitCode {
  process.stdout.write(text);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(run, null, 2)}\n`);
  // A void run says so in its first line, and is still better than a page that says nothing.
  if (write === true) writeTable(table, text);
  return run.void === null ? EXIT.measured : EXIT.void;
}
