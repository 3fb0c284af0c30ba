/**
 * What a member tells whoever operates it. Rare things only: nothing here is called per request. The fields are
 * plain values, ready for a structured log.
 */
export type EventLevel = "debug" | "info" | "warn" | "error";

export type EventFields = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export interface Events {
  /** `name` is stable and kebab-case, such as `peer-up`; `text` is for people. */
  event(level: EventLevel, name: string, text: string, fields: EventFields): void;
  /**
   * The member cannot go on and must stop at once: nothing more may be acknowledged. `code` is stable; `text`
   * says what happened and what to do next. The environment ends the process (the simulator: the member).
   */
  fatal(code: string, text: string): void;
}
