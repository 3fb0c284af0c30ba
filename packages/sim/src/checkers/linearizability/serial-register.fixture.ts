/** A register that does what it is told, one action after the other, and histories of it with instants to choose. */
import fc from "fast-check";
import type { Condition, RegisterAction, Value } from "./register-model.ts";
import type { SerialHistory, SerialOperation } from "./serial-history.ts";

/** Does an action, or finds (null) that it is refused, and says with what result. It knows nothing of the model. */
class SerialRegister {
  #value: Value = null;

  perform(action: RegisterAction): RegisterAction | null {
    const before = this.#value;
    switch (action.kind) {
      case "read":
        return { ...action, result: { value: before } };
      case "write":
        this.#value = action.value;
        return { ...action, result: "done" };
      case "compare-and-set":
        if (!this.#meets(action.condition)) return { ...action, result: { current: before } };
        this.#value = action.value;
        return { ...action, result: "done" };
      case "increment": {
        const count = before === null ? 0 : Number.parseInt(before, 10);
        if (String(count) !== (before ?? "0")) return null;
        this.#value = String(count + action.by);
        return { ...action, result: { value: count + action.by } };
      }
      case "append":
        this.#value = `${before ?? ""}${action.text}`;
        return { ...action, result: { length: this.#value.length } };
      case "get-and-set":
        this.#value = action.value;
        return { ...action, result: { previous: before } };
      case "delete":
        this.#value = null;
        return { ...action, result: { existed: before !== null } };
    }
  }

  #meets(condition: Condition): boolean {
    if (!("to" in condition)) return (this.#value === null) === (condition.is === "absent");
    return (this.#value === condition.to) === (condition.is === "equal");
  }
}

/** What becomes of an operation: it ends; it does not, and took effect or not; it fails. */
type Fate = "ends" | "is late" | "never comes" | "fails";

export interface Step {
  readonly client: number;
  readonly action: RegisterAction;
  readonly fate: Fate;
  /** How long before its effect it was called, and how long after it returned. */
  readonly beforeUs: number;
  readonly afterUs: number;
}

/** How much longer than others those of unknown end take. */
const LATE = 10;
const UNKNOWN_MAX = 12;

/** What a register does with these steps, one each `paceUs`, as its clients see it. */
export function historyOf(list: readonly Step[], paceUs: number): SerialHistory {
  const register = new SerialRegister();
  const operations = list.map(({ client, action, fate, beforeUs, afterUs }, at): SerialOperation => {
    const effectUs = at * paceUs;
    const hasEffect = fate === "ends" || fate === "is late";
    const done = hasEffect ? register.perform(action) : null;
    const invokedUs = effectUs - (fate === "is late" ? LATE * beforeUs : beforeUs);
    const base = { id: at + 1, client, key: "k", invokedUs };
    if (fate === "fails" || (fate === "ends" && done === null)) {
      return { ...base, endedUs: effectUs + afterUs, ending: "failed", action };
    }
    if (fate !== "ends" || done === null) return { ...base, endedUs: Infinity, ending: "unknown", action };
    return { ...base, endedUs: effectUs + afterUs, ending: "ok", action: done };
  });
  return { operations };
}

const values = fc.constantFrom("1", "2", "10", "x", "1x");
const valueOrNothing = fc.option(values, { freq: 4 });
const conditions: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ is: fc.constantFrom<"absent" | "present">("absent", "present") }),
  fc.record({ is: fc.constantFrom<"equal" | "different">("equal", "equal", "different"), to: values }),
);

/** Actions whose results nobody knows yet. */
export const actions: fc.Arbitrary<RegisterAction> = fc.oneof(
  fc.constant<RegisterAction>({ kind: "read", result: null }),
  fc.constant<RegisterAction>({ kind: "delete", result: null }),
  values.map((value): RegisterAction => ({ kind: "write", value, result: null })),
  fc.tuple(conditions, valueOrNothing).map(([condition, value]): RegisterAction => ({
    kind: "compare-and-set",
    condition,
    value,
    result: null,
  })),
  fc.constantFrom(1, 2, -1).map((by): RegisterAction => ({ kind: "increment", by, result: null })),
  fc.constantFrom("x", "0").map((text): RegisterAction => ({ kind: "append", text, result: null })),
  valueOrNothing.map((value): RegisterAction => ({ kind: "get-and-set", value, result: null })),
);

/** An action with a result, which need not be one that it can have. */
export const answered: fc.Arbitrary<RegisterAction> = fc
  .tuple(actions, valueOrNothing, fc.integer({ min: -1, max: 3 }), fc.boolean())
  .map(([action, value, number, flag]): RegisterAction => {
    switch (action.kind) {
      case "read":
        return { ...action, result: { value } };
      case "write":
        return { ...action, result: "done" };
      case "compare-and-set":
        return { ...action, result: flag ? "done" : number > 0 ? "refused" : { current: value } };
      case "increment":
        return { ...action, result: { value: number } };
      case "append":
        return { ...action, result: { length: number } };
      case "get-and-set":
        return { ...action, result: { previous: value } };
      case "delete":
        return { ...action, result: { existed: flag } };
    }
  });

/** With a dozen of unknown end at most. */
export function steps(
  counts: { minLength: number; maxLength: number },
  spanUs: number,
): fc.Arbitrary<Step[]> {
  const step = fc.record({
    client: fc.integer({ min: 1, max: 8 }),
    action: actions,
    fate: fc.constantFrom<Fate>("ends", "ends", "ends", "ends", "ends", "is late", "never comes", "fails"),
    beforeUs: fc.nat(spanUs),
    afterUs: fc.nat(spanUs),
  });
  return fc.array(step, counts).map((list) => {
    let unknown = 0;
    return list.map((one): Step => {
      const isUnknown = one.fate === "is late" || one.fate === "never comes";
      return isUnknown && ++unknown > UNKNOWN_MAX ? { ...one, fate: "ends" } : one;
    });
  });
}
