/** One function of the path that a request takes, with what it works on. */
export interface Subject {
  readonly name: string;
  /** What it works on, in a few words. */
  readonly on: string;
  /** Runs it once. What it returns is used, so that no compiler leaves it out. */
  readonly run: () => unknown;
}

export const VALUE_BYTES = 256;

/** Different in every byte, and the same in every run. */
export function bytesOf(length: number, salt = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + salt * 17 + 7) & 0xff);
}
