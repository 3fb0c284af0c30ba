/** An operation as it stands when its client has just asked for it, on whatever stage. */
import type { Operation, OperationId } from "./history.ts";
import type { Wish } from "./stage.ts";

/** `clocksMs`: what each member calls the time, where that can be known. */
export function beginOperation(
  id: OperationId,
  wish: Wish,
  invokedUs: number,
  clocksMs: readonly number[],
): Operation {
  const {
    client,
    member,
    kind,
    key,
    homes,
    levelsFirst,
    durability,
    context,
    elements,
    onlyIfSeen,
    isConditional,
  } = wish;
  return {
    id,
    client,
    member,
    kind,
    key,
    homes,
    levelsFirst,
    durability,
    contextOf: context === null ? null : context.from,
    onlyIfSeen,
    isConditional,
    isForeign: context !== null && context.isForeign,
    elements: kind === "put" && elements !== null ? [...elements, id] : [],
    timeoutUs: wish.timeoutMs * 1000,
    isAfterHealing: wish.isAfterHealing,
    excuses: wish.excuses,
    invokedUs,
    endedUs: Infinity,
    ending: "running",
    code: "",
    isInTime: true,
    wroteNothing: false,
    holders: [],
    standIns: [],
    dot: null,
    values: [],
    newest: null,
    tombstones: 0,
    expiryMs: 0,
    expired: [],
    judgedMs: 0,
    answered: [],
    clocksMs,
    latestMs: 0,
    ownMs: 0,
  };
}
