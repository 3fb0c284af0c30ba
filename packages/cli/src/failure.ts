/** How a command ends when it does not end well: words for people, and a code for scripts. */

/**
 * The exit codes of `kvorum`. 0 yes; 1 no (absent, differs); 2 usage or configuration; 3 nobody could be reached;
 * 4 refused, or a limit; 5 the outcome is unknown. A member that had to stop at once ends with 70 (`EX_SOFTWARE`).
 */
export const EXIT = { yes: 0, no: 1, usage: 2, unreachable: 3, refused: 4, unknown: 5, crashed: 70 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export class Failure extends Error {
  readonly exitCode: ExitCode;
  /** A stable word, such as `QUORUM`. */
  readonly code: string;
  /** What to do next, as a sentence or a command; empty when the message says it. */
  readonly next: string;

  constructor(exitCode: ExitCode, code: string, message: string, next = "") {
    super(message);
    this.name = "Failure";
    this.exitCode = exitCode;
    this.code = code;
    this.next = next;
  }
}

export function usage(message: string, next = ""): Failure {
  return new Failure(EXIT.usage, "USAGE", message, next);
}

/** What an error of unknown make says, on one line or more. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The operating system's code of an error, such as `ENOENT`; empty when it has none. */
export function systemCodeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
