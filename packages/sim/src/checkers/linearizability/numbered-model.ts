/** A model that knows the operations of one history and the states met so far by their numbers. */
import type { SequentialModel, StateKey, Timed } from "./sequential-model.ts";
import { NONE } from "./timeline.ts";

export class NumberedModel<State, Action> {
  readonly initial: number;
  readonly #model: SequentialModel<State, Action>;
  readonly #actions: readonly Action[];
  readonly #states: State[] = [];
  readonly #numbers = new Map<StateKey, number>();
  readonly #outcomes: readonly number[];
  readonly #readOnly: readonly boolean[];

  constructor(model: SequentialModel<State, Action>, operations: readonly Timed<Action>[]) {
    this.#model = model;
    this.#actions = operations.map(({ action }) => action);
    this.initial = this.#numberOf(model.initial);
    this.#readOnly = this.#actions.map((action) => model.isReadOnly(action));
    this.#outcomes = this.#actions.map((action) => {
      const outcome = model.outcome(action);
      return outcome === undefined ? NONE : this.#numberOf(outcome);
    });
  }

  step(state: number, operation: number): readonly number[] {
    const nexts = this.#model.step(this.#state(state), this.#action(operation));
    return nexts.map((next) => this.#numberOf(next));
  }

  /** Whether the operation can have its result in this state. */
  fits(state: number, operation: number): boolean {
    return this.#model.step(this.#state(state), this.#action(operation)).length > 0;
  }

  mayGrowInto(state: number, operation: number): boolean {
    return this.#model.mayGrowInto(this.#state(state), this.#action(operation));
  }

  /** The state that the operation always leaves behind, or NONE. */
  outcome(operation: number): number {
    return this.#outcomes[operation] ?? NONE;
  }

  isReadOnly(operation: number): boolean {
    return this.#readOnly[operation] ?? false;
  }

  /** Neither read-only nor with an outcome: what it leads to depends on what it finds. */
  isGrowing(operation: number): boolean {
    return !this.isReadOnly(operation) && this.outcome(operation) === NONE;
  }

  #numberOf(state: State): number {
    const key = this.#model.key(state);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#states.length);
    return this.#states.push(state) - 1;
  }

  #state(number: number): State {
    const state = this.#states[number];
    if (state === undefined) throw new Error(`no state ${number}`);
    return state;
  }

  #action(number: number): Action {
    const action = this.#actions[number];
    if (action === undefined) throw new Error(`no operation ${number}`);
    return action;
  }
}
