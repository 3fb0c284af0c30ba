/**
 * An assertion states what we believe. Only assertions throw in core, and a member that asserts stops: a wrong
 * answer is worse than none. What can happen in a correct program (bad input, a lost link, a full disk) is an
 * outcome, never an assertion.
 */
export class AssertionError extends Error {
  constructor(message: string) {
    super(`assertion failed: ${message}`);
    this.name = "AssertionError";
  }
}

export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** For the arm of a switch or a lookup that cannot be reached. */
export function unreachable(message: string): never {
  throw new AssertionError(message);
}
