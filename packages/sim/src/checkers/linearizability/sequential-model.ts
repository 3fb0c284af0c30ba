/**
 * What an object does when nothing runs at the same time: the standard that concurrent histories are held to.
 * A model is pure. It looks at an action together with its result, and a result that nobody learned fits all.
 */

/** Names a state, so that equal states are found again: equal keys for states that behave alike, and only for them. */
export type StateKey = string | number | null;

export interface SequentialModel<State, Action> {
  readonly initial: State;
  /**
   * The states that the action may lead to with its result; none if it cannot have that result in this state. For an
   * action of unknown end that has no effect in this state: none, for it may as well never come.
   */
  step(state: State, action: Action): readonly State[];
  key(state: State): StateKey;
  /** Whether the action, having had its result, cannot have changed the state, whatever the state was. */
  isReadOnly(action: Action): boolean;
  /** The state that the action always leaves behind if it has its result. Undefined: that depends; it *grows* the state. */
  outcome(action: Action): State | undefined;
  /**
   * Whether the action may have its result in this state, or in any that growing actions could make of it. What is
   * surely not so need not be tried; true is never wrong.
   */
  mayGrowInto(state: State, action: Action): boolean;
  /** In words. Two actions with the same words do the same. */
  describe(action: Action): string;
}

/** When a client called and when it had its answer, with what passed between. */
export interface Timed<Action> {
  readonly client: number;
  readonly invokedUs: number;
  /** Infinity: the end is unknown. It may take effect at any time after its call, or never. */
  readonly endedUs: number;
  readonly action: Action;
}
