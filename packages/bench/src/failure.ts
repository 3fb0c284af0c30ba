/** How a run of the benchmark ends when it does not end well: words for people, and a stable code. */

/** 0 measured; 1 measured, but void; 2 usage; 4 something that was to be measured did not start or answer. */
export const EXIT = { measured: 0, void: 1, usage: 2, failed: 4 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export class BenchFailure extends Error {
  /** Such as `START`, `LOAD`, `USAGE`. */
  readonly code: string;
  readonly exitCode: ExitCode;

  constructor(code: string, message: string, exitCode: ExitCode = EXIT.failed) {
    super(message);
    this.name = "BenchFailure";
    this.code = code;
    this.exitCode = exitCode;
  }
}

export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
