/**
 * Whether a history of one object is linearizable: whether each operation can be thought to happen at one instant
 * between its call and its return, so that the sequential model agrees with every result.
 *
 * The search is Wing & Gong's (1993): place an operation that may come next, go on from there, take it back if that
 * leads nowhere; with Lowe's memory of configurations (2017). To this it adds what loses no order:
 * - What changes nothing is placed as soon as it fits: an order that has it later is as good with it here.
 * - What is of unknown end is placed only right before something of known end, for only that can show it. It is not
 *   placed where less of it would lead to the same.
 * - A configuration is left at once if the operation that has to be placed before anything more is called cannot have
 *   its result any more, whatever of the rest comes before it.
 *
 * The problem is NP-complete, so work is bounded: by steps, not by time, and the verdict of a history is the same on
 * every machine. What makes it costly are many unknown ends of actions that grow the state, each in its own way.
 */
import { Configurations } from "./configurations.ts";
import { NumberedModel } from "./numbered-model.ts";
import { type Precedence, precedenceOf } from "./precedence.ts";
import type { SequentialModel, Timed } from "./sequential-model.ts";
import { NONE, Timeline } from "./timeline.ts";

export type Verdict = "linearizable" | "not-linearizable" | "undecided";

export interface Judgement<O> {
  readonly verdict: Verdict;
  /** An order that explains everything; else the longest beginning of one that was found. */
  readonly order: readonly O[];
  /** After that order the operation that returned first of those left: it has no place. Null if linearizable. */
  readonly unplaced: O | null;
  /** How often an operation was placed. */
  readonly steps: number;
}

/** What is not to be placed must not be given: operations that surely had no effect. */
export function judge<State, Action, O extends Timed<Action>>(
  model: SequentialModel<State, Action>,
  operations: readonly O[],
  stepsMax: number,
): Judgement<O> {
  return new Search(model, operations, stepsMax).run();
}

class Search<State, Action, O extends Timed<Action>> {
  readonly #model: NumberedModel<State, Action>;
  /** Numbered in the order of their calls: first those of known end, then the others. */
  readonly #operations: readonly O[];
  readonly #known: number;
  readonly #knownWords: number;
  readonly #unknownWords: number;
  readonly #precedence: Precedence;
  readonly #timeline: Timeline;
  readonly #configurations: Configurations;
  readonly #stepsMax: number;
  readonly #placed: Int32Array;
  readonly #order: number[] = [];
  /** For each operation on the way to the present configuration: what else there was to try. */
  readonly #untried: Iterator<void, void>[] = [];
  #state: number;
  /** How many of known end are still to be placed. */
  #open: number;
  #openLeast = Infinity;
  #steps = 0;
  #best: { readonly order: readonly O[]; readonly unplaced: O | null } = { order: [], unplaced: null };

  constructor(model: SequentialModel<State, Action>, operations: readonly O[], stepsMax: number) {
    const known = operations.filter(({ endedUs }) => endedUs !== Infinity);
    // A read that nobody saw the end of says nothing.
    const unknown = operations.filter(
      ({ endedUs, action }) => endedUs === Infinity && !model.isReadOnly(action),
    );
    known.sort((a, b) => a.invokedUs - b.invokedUs || a.endedUs - b.endedUs);
    unknown.sort((a, b) => a.invokedUs - b.invokedUs);
    this.#operations = [...known, ...unknown];
    this.#model = new NumberedModel(model, this.#operations);
    this.#known = known.length;
    this.#open = known.length;
    this.#precedence = precedenceOf(model, this.#operations);
    this.#timeline = new Timeline(known);
    this.#knownWords = Math.ceil(known.length / 32);
    this.#unknownWords = Math.ceil(unknown.length / 32);
    this.#configurations = new Configurations(this.#knownWords, this.#unknownWords);
    this.#stepsMax = stepsMax;
    this.#placed = new Int32Array(this.#knownWords + this.#unknownWords);
    this.#state = this.#model.initial;
  }

  run(): Judgement<O> {
    this.#placeReads();
    this.#configurations.add(this.#placed, this.#state);
    this.#noteBest();
    this.#untried.push(this.#moves());
    while (this.#open > 0) {
      if (this.#steps >= this.#stepsMax) return this.#judgement("undecided");
      const moves = this.#untried.at(-1);
      if (moves === undefined) return this.#judgement("not-linearizable");
      if (moves.next().done === true) this.#untried.pop();
      else this.#untried.push(this.#moves());
    }
    return this.#judgement("linearizable");
  }

  #judgement(verdict: Verdict): Judgement<O> {
    return { verdict, ...this.#best, steps: this.#steps };
  }

  /** Makes one move after the other, to configurations not seen before; asked for the next it takes back the last. */
  *#moves(): Generator<void, void> {
    const free = this.#callsNow().filter((operation) => this.#isFree(operation));
    for (const operation of free) yield* this.#placeKnown(operation);
    if (this.#unknownNow().length === 0) return;
    for (const operation of free) {
      if (this.#isSettled(operation)) continue;
      const been = new Configurations(this.#knownWords, this.#unknownWords);
      been.add(this.#placed, this.#state);
      yield* this.#placeUnknown(operation, this.#state, been);
    }
  }

  *#placeKnown(operation: number): Generator<void, void> {
    const state = this.#state;
    const height = this.#order.length;
    for (const next of this.#model.step(state, operation)) {
      this.#put(operation);
      this.#state = next;
      this.#placeReads();
      if (this.#configurations.add(this.#placed, this.#state)) {
        this.#noteBest();
        if (!this.#isLost()) yield;
      }
      this.#shrinkTo(height, state);
    }
  }

  /** Places, one or more in all orders that may make a difference, what is of unknown end, and then the target. */
  *#placeUnknown(target: number, start: number, been: Configurations): Generator<void, void> {
    const state = this.#state;
    const height = this.#order.length;
    for (const unknown of this.#unknownNow()) {
      if (!this.#isFree(unknown)) continue;
      for (const next of this.#model.step(state, unknown)) {
        // Without what stands between the start and here it would lead to the same.
        if (state !== start && this.#model.step(start, unknown).includes(next)) continue;
        this.#put(unknown);
        this.#state = next;
        // Many steps may lie between here and the next configuration.
        if (this.#steps >= this.#stepsMax) yield;
        if (been.add(this.#placed, next) && this.#mayLead(target, start)) {
          yield* this.#placeKnown(target);
          if (!this.#isSettled(target)) yield* this.#placeUnknown(target, start, been);
        }
        this.#shrinkTo(height, state);
      }
    }
  }

  #placeReads(): void {
    let operation = this.#timeline.firstCall();
    while (operation !== NONE) {
      if (this.#isFittingRead(operation)) {
        this.#put(operation);
        // Its return may have been the one that kept others out.
        operation = this.#timeline.firstCall();
      } else operation = this.#timeline.callAfter(operation);
    }
  }

  #isFittingRead(operation: number): boolean {
    return (
      this.#model.isReadOnly(operation) && this.#isFree(operation) && this.#model.fits(this.#state, operation)
    );
  }

  /** Whether the operation that has to come before anything is called anew can no longer have its result. */
  #isLost(): boolean {
    const first = this.#timeline.firstReturn();
    if (first === NONE) return false;
    const others = [...this.#callsNow(), ...this.#unknownNow()].filter((operation) => operation !== first);
    const grows = others.some((operation) => this.#model.isGrowing(operation));
    const leadsOn = (state: number): boolean =>
      grows ? this.#model.mayGrowInto(state, first) : this.#model.fits(state, first);
    if (leadsOn(this.#state)) return false;
    return !others.some((operation) => {
      const outcome = this.#model.outcome(operation);
      return outcome !== NONE && leadsOn(outcome);
    });
  }

  /** Whether from here more of unknown end may lead to the target: all that helps grows the state, or waits for it. */
  #mayLead(target: number, start: number): boolean {
    if (this.#model.mayGrowInto(this.#state, target)) return true;
    return this.#unknownNow().some(
      (unknown) =>
        this.#model.outcome(unknown) !== NONE &&
        !this.#model.fits(start, unknown) &&
        this.#model.mayGrowInto(this.#state, unknown),
    );
  }

  /** Whether it fits, and what comes before makes no difference to it or may as well come after it. */
  #isSettled(target: number): boolean {
    return !this.#model.isGrowing(target) && this.#model.fits(this.#state, target);
  }

  #isFree(operation: number): boolean {
    for (const earlier of this.#precedence[operation] ?? []) if (!this.#isPlaced(earlier)) return false;
    return true;
  }

  /** Those of known end that were called before anything left returned. */
  #callsNow(): readonly number[] {
    const found: number[] = [];
    let operation = this.#timeline.firstCall();
    for (; operation !== NONE; operation = this.#timeline.callAfter(operation)) found.push(operation);
    return found;
  }

  /** Those of unknown end that were called before anything left returned, and are not placed. */
  #unknownNow(): readonly number[] {
    const first = this.#timeline.firstReturn();
    const untilUs = first === NONE ? -Infinity : this.#get(first).endedUs;
    const found: number[] = [];
    for (let number = this.#known; number < this.#operations.length; number++) {
      if (this.#get(number).invokedUs > untilUs) break;
      if (!this.#isPlaced(number)) found.push(number);
    }
    return found;
  }

  #put(operation: number): void {
    this.#steps++;
    this.#flip(operation);
    this.#order.push(operation);
    if (operation >= this.#known) return;
    this.#timeline.lift(operation);
    this.#open--;
  }

  #shrinkTo(height: number, state: number): void {
    while (this.#order.length > height) {
      const operation = this.#order.pop() ?? NONE;
      this.#flip(operation);
      if (operation >= this.#known) continue;
      this.#timeline.putBack(operation);
      this.#open++;
    }
    this.#state = state;
  }

  #noteBest(): void {
    if (this.#open >= this.#openLeast) return;
    this.#openLeast = this.#open;
    const first = this.#timeline.firstReturn();
    this.#best = {
      order: this.#order.map((number) => this.#get(number)),
      unplaced: first === NONE ? null : this.#get(first),
    };
  }

  #get(operation: number): O {
    const found = this.#operations[operation];
    if (found === undefined) throw new Error(`no operation ${operation}`);
    return found;
  }

  #isPlaced(operation: number): boolean {
    return ((this.#placed[this.#wordOf(operation)] ?? 0) & this.#bitOf(operation)) !== 0;
  }

  #flip(operation: number): void {
    const word = this.#wordOf(operation);
    this.#placed[word] = (this.#placed[word] ?? 0) ^ this.#bitOf(operation);
  }

  /** Those of unknown end have words of their own. */
  #wordOf(operation: number): number {
    if (operation < this.#known) return operation >>> 5;
    return this.#knownWords + ((operation - this.#known) >>> 5);
  }

  #bitOf(operation: number): number {
    return 1 << (operation < this.#known ? operation & 31 : (operation - this.#known) & 31);
  }
}
