/**
 * One key as conditional writes and serial reads see it: a register that holds a value or nothing. Each action
 * carries its result, null if nobody learned it. Values are strings of one byte a character.
 */
import type { SequentialModel } from "./sequential-model.ts";

/** Null: nothing is there. */
export type Value = string | null;

export type Condition =
  | { readonly is: "absent" | "present" }
  /** Nothing is different from every value. */
  | { readonly is: "equal" | "different"; readonly to: string };

export type RegisterAction =
  | { readonly kind: "read"; readonly result: { readonly value: Value } | null }
  | { readonly kind: "write"; readonly value: string; readonly result: "done" | null }
  /** Refused: the condition did not hold, for the current value, if the answer told it. */
  | {
      readonly kind: "compare-and-set";
      readonly condition: Condition;
      readonly value: Value;
      readonly result: "done" | "refused" | { readonly current: Value } | null;
    }
  /** Counts from 0 if nothing is there, and is refused (left out) by what is no integer as we write it. */
  | { readonly kind: "increment"; readonly by: number; readonly result: { readonly value: number } | null }
  | { readonly kind: "append"; readonly text: string; readonly result: { readonly length: number } | null }
  | {
      readonly kind: "get-and-set";
      readonly value: Value;
      readonly result: { readonly previous: Value } | null;
    }
  | { readonly kind: "delete"; readonly result: { readonly existed: boolean } | null };

type Of<Kind extends RegisterAction["kind"]> = Extract<RegisterAction, { readonly kind: Kind }>;

const NEVER: readonly Value[] = [];

export const registerModel: SequentialModel<Value, RegisterAction> = {
  initial: null,
  step,
  key: (state) => state,
  isReadOnly,
  outcome,
  mayGrowInto,
  describe,
};

function step(state: Value, action: RegisterAction): readonly Value[] {
  switch (action.kind) {
    case "read":
      return action.result === null || action.result.value === state ? [state] : NEVER;
    case "write":
      return [action.value];
    case "compare-and-set":
      return compareAndSet(state, action);
    case "increment":
      return increment(state, action);
    case "append": {
      const next = (state ?? "") + action.text;
      return action.result === null || action.result.length === next.length ? [next] : NEVER;
    }
    case "get-and-set":
      return action.result === null || action.result.previous === state ? [action.value] : NEVER;
    case "delete":
      return action.result === null || action.result.existed === (state !== null) ? [null] : NEVER;
  }
}

function compareAndSet(state: Value, { condition, value, result }: Of<"compare-and-set">): readonly Value[] {
  const holds = isMet(condition, state);
  if (result === null || result === "done") return holds ? [value] : NEVER;
  return !holds && (result === "refused" || result.current === state) ? [state] : NEVER;
}

function isMet(condition: Condition, state: Value): boolean {
  switch (condition.is) {
    case "absent":
      return state === null;
    case "present":
      return state !== null;
    case "equal":
      return state === condition.to;
    case "different":
      return state !== condition.to;
  }
}

function increment(state: Value, { by, result }: Of<"increment">): readonly Value[] {
  if (state !== null && !/^(0|-?[1-9]\d*)$/.test(state)) return NEVER;
  const next = Number(state ?? "0") + by;
  return result === null || result.value === next ? [String(next)] : NEVER;
}

function isReadOnly(action: RegisterAction): boolean {
  switch (action.kind) {
    case "read":
      return true;
    case "compare-and-set":
      return action.result !== null && action.result !== "done";
    case "delete":
      return action.result !== null && !action.result.existed;
    case "write":
    case "increment":
    case "append":
    case "get-and-set":
      return false;
  }
}

/** Counts and texts grow; a count that was told is known. */
function outcome(action: RegisterAction): Value | undefined {
  switch (action.kind) {
    case "write":
    case "get-and-set":
      return action.value;
    case "compare-and-set":
      return action.result === null || action.result === "done" ? action.value : undefined;
    case "delete":
      return null;
    case "increment":
      return action.result === null ? undefined : String(action.result.value);
    case "read":
    case "append":
      return undefined;
  }
}

/** By appends and increments: text only gets longer at its end, and a number may become any number, and text then. */
function mayGrowInto(state: Value, action: RegisterAction): boolean {
  if (step(state, action).length > 0) return true;
  switch (action.kind) {
    case "read":
      return action.result !== null && mayBecome(state, action.result.value);
    case "get-and-set":
      return action.result !== null && mayBecome(state, action.result.previous);
    case "increment":
      if (action.result === null) return state !== null && mayCount(state);
      return mayBecome(state, String(action.result.value - action.by));
    case "append":
      if (action.result === null || (state !== null && mayCount(state))) return true;
      return (state ?? "").length + action.text.length <= action.result.length;
    case "compare-and-set": {
      const { condition, result } = action;
      if (result !== null && typeof result !== "string") return mayBecome(state, result.current);
      if (result === "refused" || condition.is !== "equal") return true;
      return mayBecome(state, condition.to);
    }
    case "delete":
      return true;
    case "write":
      return false;
  }
}

function mayBecome(state: Value, value: Value): boolean {
  if (value === null || state === null) return state === null;
  return value.startsWith(state) || (mayCount(state) && /^-?\d/.test(value));
}

/** Whether it is a number, or perhaps the beginning of one. */
function mayCount(value: string): boolean {
  return /^-?\d*$/.test(value);
}

function describe(action: RegisterAction): string {
  const answer = action.result === null ? "" : `, ${answerOf(action)}`;
  switch (action.kind) {
    case "read":
    case "delete":
      return action.kind + answer;
    case "write":
      return `write ${quoted(action.value)}${answer}`;
    case "compare-and-set": {
      const { condition, value } = action;
      const to = "to" in condition ? `${condition.is} to ${quoted(condition.to)}` : condition.is;
      return `set ${quoted(value)} if ${to}${answer}`;
    }
    case "increment":
      return `increment by ${action.by}${answer}`;
    case "append":
      return `append ${quoted(action.text)}${answer}`;
    case "get-and-set":
      return `get and set ${quoted(action.value)}${answer}`;
  }
}

function answerOf(action: RegisterAction): string {
  const { result } = action;
  if (result === null) return "no answer";
  if (typeof result === "string") return result;
  if ("value" in result)
    return typeof result.value === "number" ? `now ${result.value}` : `saw ${quoted(result.value)}`;
  if ("current" in result) return `refused for ${quoted(result.current)}`;
  if ("length" in result) return `now of length ${result.length}`;
  if ("previous" in result) return `was ${quoted(result.previous)}`;
  return result.existed ? "was there" : "was not there";
}

export function quoted(value: Value): string {
  return value === null ? "nothing" : JSON.stringify(value);
}
