/** Linearizability by its definition: all orders of all operations, with every choice of those of unknown end. */
import type { SequentialModel, Timed } from "./sequential-model.ts";

/** Some hundred orders at six operations; do not give it many more. */
export function isLinearizable<State, Action>(
  model: SequentialModel<State, Action>,
  operations: readonly Timed<Action>[],
): boolean {
  return choices(operations).some((chosen) =>
    permutations(chosen).some((order) => explains(model, operations, order)),
  );
}

/**
 * Whether the order is a proof: it holds everything of known end once, goes against no two operations of which one
 * had ended before the other began, and the model agrees with all results.
 */
export function explains<State, Action>(
  model: SequentialModel<State, Action>,
  operations: readonly Timed<Action>[],
  order: readonly Timed<Action>[],
): boolean {
  const isWhole = operations.every((one) => one.endedUs === Infinity || order.includes(one));
  if (!isWhole || new Set(order).size < order.length) return false;
  const isInTime = order.every((one, at) =>
    order.slice(at + 1).every((later) => !precedes(operations, later, one)),
  );
  if (!isInTime) return false;
  let states: readonly State[] = [model.initial];
  for (const { action } of order) states = states.flatMap((state) => model.step(state, action));
  return states.length > 0;
}

/** A client knows the order of its own operations even if one begins at the instant at which another ends. */
function precedes<Action>(
  operations: readonly Timed<Action>[],
  one: Timed<Action>,
  other: Timed<Action>,
): boolean {
  if (one.endedUs < other.invokedUs) return true;
  if (one.client !== other.client || one.endedUs > other.invokedUs) return false;
  const isAlsoBehind = other.endedUs <= one.invokedUs;
  return !isAlsoBehind || operations.indexOf(one) < operations.indexOf(other);
}

/** Everything of known end, with every set of the others. */
function choices<Action>(operations: readonly Timed<Action>[]): Timed<Action>[][] {
  let found: Timed<Action>[][] = [[]];
  for (const one of operations) {
    const withIt = found.map((some) => [...some, one]);
    found = one.endedUs === Infinity ? [...found, ...withIt] : withIt;
  }
  return found;
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((first, at) =>
    permutations([...items.slice(0, at), ...items.slice(at + 1)]).map((rest) => [first, ...rest]),
  );
}
