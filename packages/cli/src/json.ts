/** Reads JSON that another process wrote: every field is looked at before it is believed. */

export type JsonObject = Readonly<Record<string, unknown>>;

/** What is not as expected, and where. */
export class JsonError extends Error {
  constructor(what: string, expected: string) {
    super(`${what} is not ${expected}`);
    this.name = "JsonError";
  }
}

export function parseJson(text: string, what: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    throw new JsonError(what, "JSON");
  }
}

export function objectOf(value: unknown, what: string): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new JsonError(what, "an object");
  return Object.fromEntries(Object.entries(value));
}

export function listOf<T>(value: unknown, what: string, read: (item: unknown, what: string) => T): T[] {
  if (!Array.isArray(value)) throw new JsonError(what, "a list");
  return value.map((item: unknown, index) => read(item, `${what}[${index}]`));
}

export function stringOf(value: unknown, what: string): string {
  if (typeof value !== "string") throw new JsonError(what, "a text");
  return value;
}

export function numberOf(value: unknown, what: string): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw new JsonError(what, "a number");
  return value;
}

export function booleanOf(value: unknown, what: string): boolean {
  if (typeof value !== "boolean") throw new JsonError(what, "true or false");
  return value;
}
