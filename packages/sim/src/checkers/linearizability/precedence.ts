/**
 * What must be placed before what, besides what the timeline says:
 * - A client knows its own order. If it calls at the very instant at which its last operation ended, that one came
 *   first, though to everybody else the two look concurrent.
 * - Of two operations of unknown end that do the same, the one called first goes first. Nobody can tell them apart,
 *   so no order is lost, and k of n unknown increments are tried in one way instead of all there are.
 */
import type { SequentialModel, Timed } from "./sequential-model.ts";

/** By the numbers of operations, which ascend with their calls, first those of known end, then the others. */
export type Precedence = readonly (readonly number[])[];

export function precedenceOf<State, Action>(
  model: SequentialModel<State, Action>,
  operations: readonly Timed<Action>[],
): Precedence {
  /** What each client had ended when. */
  const ended = new Map<string, number[]>();
  const twins = new Map<string, { readonly number: number; readonly sinceUs: number }>();
  return operations.map(({ client, invokedUs, endedUs, action }, number) => {
    const own = ended.get(`${client} ${invokedUs}`) ?? [];
    if (endedUs !== Infinity) {
      // Its own list may be the one just read: what has no length ends when it begins.
      const place = `${client} ${endedUs}`;
      ended.set(place, [...(ended.get(place) ?? []), number]);
      return own;
    }
    const words = model.describe(action);
    const twin = twins.get(words);
    // One that waits for an operation of its client can be waited for only by who began after that had ended.
    twins.set(words, { number, sinceUs: own.length > 0 ? invokedUs : -Infinity });
    return twin !== undefined && twin.sinceUs < invokedUs ? [...own, twin.number] : own;
  });
}
