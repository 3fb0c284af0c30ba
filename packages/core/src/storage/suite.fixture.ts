/** The little that a conformance suite needs of a test runner. */
import { assert, describe, it } from "vitest";

export interface Suite {
  readonly describe: (name: string, body: () => void) => void;
  readonly it: (name: string, body: () => Promise<void>) => void;
  /** Whether two values are equal in depth; throws when not. */
  readonly equal: (actual: unknown, expected: unknown) => void;
}

export const VITEST: Suite = {
  describe,
  it,
  equal: (actual, expected) => assert.deepEqual(actual, expected),
};
