/** What the engine's process is asked to do, as it travels between processes. */
export interface EngineWish {
  readonly operations: number;
  /** Appends under way at a time. */
  readonly depth: number;
  readonly valueBytes: number;
  /** Random keys of so many. */
  readonly keys: number;
}

export function readEngineWish(message: unknown): EngineWish {
  const fields = typeof message === "object" && message !== null ? message : {};
  const wish = { operations: 0, depth: 0, valueBytes: 0, keys: 0, ...fields };
  for (const [name, value] of Object.entries(wish))
    if (!Number.isInteger(value) || value < 1)
      throw new TypeError(`${name} of a wish to the engine is a whole number from 1`);
  return wish;
}
