/** Strikes a cluster again and again until told to stop, and mends what each strike has broken. */
import type { Prng } from "@kvorum/core";
import type { Breakable } from "./dev-cluster.ts";
import { sleep } from "./sleep.ts";
import { drawStep, type Strike, strikeText } from "./strike.ts";

export interface Struck {
  readonly strike: Strike;
  readonly fromUs: number;
  /** When it was mended; Infinity while it is not. */
  toUs: number;
}

export interface StrikesParts {
  readonly cluster: Breakable;
  readonly random: Prng;
  readonly holdMsMax: number;
  readonly nowUs: () => number;
  readonly log: (text: string) => void;
}

export class Strikes {
  readonly struck: Struck[] = [];
  readonly #parts: StrikesParts;

  constructor(parts: StrikesParts) {
    this.#parts = parts;
  }

  /** Resolves when the signal has come and everything is mended that was broken here. */
  async run(signal: AbortSignal): Promise<void> {
    const { cluster, random, holdMsMax } = this.#parts;
    while (!signal.aborted) {
      const { calmMs, strikes } = drawStep(random, cluster.members, holdMsMax);
      await sleep(calmMs, signal);
      await Promise.all(strikes.map((strike) => this.#strike(strike, signal)));
    }
  }

  async #strike(strike: Strike, signal: AbortSignal): Promise<void> {
    await sleep(strike.delayMs, signal);
    if (signal.aborted) return;
    const { cluster, nowUs, log } = this.#parts;
    const { killed, paused, cuts, holdMs } = strike;
    const struck: Struck = { strike, fromUs: nowUs(), toUs: Infinity };
    this.struck.push(struck);
    log(strikeText(strike));
    await Promise.all([
      ...killed.map((member) => cluster.kill(member)),
      ...paused.map((member) => cluster.pause(member)),
      ...cuts.map(({ from, to, isOneWay }) => cluster.cut(from, to, isOneWay)),
    ]);
    await sleep(holdMs, signal);
    await Promise.all([
      ...killed.map((member) => cluster.start(member)),
      ...paused.map((member) => cluster.resume(member)),
      ...cuts.map(({ from, to }) => cluster.heal(from, to)),
    ]);
    struck.toUs = nowUs();
    log(`mended: ${strike.kind}`);
  }
}
