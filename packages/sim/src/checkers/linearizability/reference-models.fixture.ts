/** Two models that published histories of other stores are judged by: etcd's register, and a store of strings. */
import type { SequentialModel } from "./sequential-model.ts";

export type EtcdAction =
  | { readonly kind: "read"; readonly value: number | null }
  | { readonly kind: "write"; readonly value: number }
  /** Null: whether it was done is unknown. */
  | { readonly kind: "cas"; readonly from: number; readonly to: number; readonly isDone: boolean | null };

/** A register of numbers; a compare-and-set that was not done says only that the value was another. */
export const etcdRegister: SequentialModel<number | null, EtcdAction> = {
  initial: null,
  step(state, action) {
    switch (action.kind) {
      case "read":
        return action.value === state ? [state] : [];
      case "write":
        return [action.value];
      case "cas": {
        const holds = state === action.from;
        if (action.isDone === false) return holds ? [] : [state];
        return holds ? [action.to] : [];
      }
    }
  },
  key: (state) => state,
  isReadOnly: (action) => action.kind === "read" || (action.kind === "cas" && action.isDone === false),
  outcome(action) {
    if (action.kind === "write") return action.value;
    return action.kind === "cas" && action.isDone !== false ? action.to : undefined;
  },
  mayGrowInto: (state, action) => etcdRegister.step(state, action).length > 0,
  describe: (action) => JSON.stringify(action),
};

export interface TextAction {
  readonly kind: "get" | "put" | "append";
  /** What was got, or is to be put or appended. */
  readonly text: string;
}

/** One key of a store of strings, empty at first. */
export const textRegister: SequentialModel<string, TextAction> = {
  initial: "",
  step(state, { kind, text }) {
    if (kind === "get") return text === state ? [state] : [];
    return [kind === "put" ? text : state + text];
  },
  key: (state) => state,
  isReadOnly: ({ kind }) => kind === "get",
  outcome: ({ kind, text }) => (kind === "put" ? text : undefined),
  mayGrowInto: (state, { kind, text }) => kind !== "get" || text.startsWith(state),
  describe: ({ kind, text }) => `${kind} ${text}`,
};
