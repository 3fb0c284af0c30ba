/** Writes still to be looked at, the one with the latest limit first: a binary heap. */
import type { Operation } from "../workloads/history.ts";

interface Step {
  readonly write: Operation;
  readonly limitUs: number;
}

export class Frontier {
  readonly #steps: Step[] = [];

  push(write: Operation, limitUs: number): void {
    const steps = this.#steps;
    const step = { write, limitUs };
    let at = steps.length;
    steps.push(step);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = steps[above];
      if (parent === undefined || parent.limitUs >= limitUs) break;
      steps[at] = parent;
      at = above;
    }
    steps[at] = step;
  }

  pop(): Operation | undefined {
    const steps = this.#steps;
    const first = steps[0];
    const moved = steps.pop();
    if (first === undefined || moved === undefined || steps.length === 0) return first?.write;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      const left = steps[below];
      const right = steps[below + 1];
      if (left === undefined) break;
      const child = right !== undefined && right.limitUs > left.limitUs ? right : left;
      if (child === right) below++;
      if (child.limitUs <= moved.limitUs) break;
      steps[at] = child;
      at = below;
    }
    steps[at] = moved;
    return first.write;
  }
}
