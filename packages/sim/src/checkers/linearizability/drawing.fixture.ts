/**
 * Histories as drawings: a line for each client, a column for each instant.
 *
 *     a: [w1   ] [c1>2]      `[` a call, `]` its return
 *     b:    [r1|w3  ?        `|` a return, and at the same instant the next call; `?` the end stays unknown
 *     c: [i5!                `!` the operation failed
 *
 * What happens, with its result, which is left out if the end is unknown. A value is letters and digits, `-` nothing:
 *
 *     w1             write
 *     r1  r-         read
 *     c1>2  c1>2:3   set to 2 if it is 1: done; refused for 3. `c1>2:` refused, and the answer does not say for what
 *     c->1  c*>1  c~1>2  c1>-    if absent; if present; if it is not 1; remove if it is 1
 *     i5=7           increment by 5, to 7
 *     ax=3           append x, to a length of 3
 *     g2=1  g-=1     get and set to 2, was 1
 *     d+  d-         delete: it was there; it was not
 *
 * `@x` behind it names the key: `w1@x`; else it is `k`.
 */
import type { Ending } from "../../workloads/history.ts";
import type { Condition, RegisterAction, Value } from "./register-model.ts";
import type { SerialHistory, SerialOperation } from "./serial-history.ts";

interface Drawn {
  readonly client: number;
  readonly invokedUs: number;
  readonly endedUs: number;
  readonly ending: Ending;
  readonly text: string;
}

const ENDINGS: Readonly<Record<string, Ending>> = { "]": "ok", "|": "ok", "?": "unknown", "!": "failed" };

/** Operations are numbered from 1 by their calls, those of one instant from the top line down. */
export function draw(drawing: string): SerialHistory {
  const lines = drawing.split("\n").filter((line) => line.trim() !== "");
  const drawn = lines.flatMap((line, client) => operationsOf(line, client + 1));
  drawn.sort((a, b) => a.invokedUs - b.invokedUs);
  const operations = drawn.map(({ text, ...times }, at): SerialOperation => {
    const [what = "", key = "k"] = text.split("@");
    return { ...times, id: at + 1, key, action: actionOf(what, times.ending === "ok") };
  });
  return { operations };
}

function operationsOf(line: string, client: number): Drawn[] {
  const found: Drawn[] = [];
  let invokedUs = -1;
  for (let at = line.indexOf(":") + 1; at < line.length; at++) {
    const mark = line[at] ?? "";
    const ending = ENDINGS[mark];
    if (ending !== undefined) {
      if (invokedUs < 0) throw new Error(`nothing ends at column ${at} of ${line}`);
      const text = line.slice(invokedUs + 1, at).trim();
      found.push({ client, invokedUs, endedUs: ending === "unknown" ? Infinity : at, ending, text });
      invokedUs = -1;
    }
    if (mark === "[" || mark === "|") invokedUs = at;
  }
  if (invokedUs >= 0) throw new Error(`something has no end in ${line}`);
  return found;
}

function actionOf(text: string, isAnswered: boolean): RegisterAction {
  const rest = text.slice(1);
  const [left = "", right] = rest.split("=");
  const number = right === undefined ? null : Number(right);
  switch (text[0]) {
    case "r":
      return { kind: "read", result: isAnswered ? { value: valueOf(rest) } : null };
    case "w":
      return { kind: "write", value: rest, result: isAnswered ? "done" : null };
    case "c":
      return compareAndSet(rest, isAnswered);
    case "i":
      return { kind: "increment", by: Number(left), result: number === null ? null : { value: number } };
    case "a":
      return { kind: "append", text: left, result: number === null ? null : { length: number } };
    case "g": {
      const result = right === undefined ? null : { previous: valueOf(right) };
      return { kind: "get-and-set", value: valueOf(left), result };
    }
    case "d":
      return { kind: "delete", result: isAnswered ? { existed: rest === "+" } : null };
    default:
      throw new Error(`nobody knows what ${text} is`);
  }
}

function compareAndSet(text: string, isAnswered: boolean): RegisterAction {
  const [change = "", current] = text.split(":");
  const [when = "", to = ""] = change.split(">");
  const action = { kind: "compare-and-set", condition: conditionOf(when), value: valueOf(to) } as const;
  if (!isAnswered) return { ...action, result: null };
  if (current === undefined) return { ...action, result: "done" };
  return { ...action, result: current === "" ? "refused" : { current: valueOf(current) } };
}

function conditionOf(text: string): Condition {
  if (text === "-") return { is: "absent" };
  if (text === "*") return { is: "present" };
  return text.startsWith("~") ? { is: "different", to: text.slice(1) } : { is: "equal", to: text };
}

function valueOf(text: string): Value {
  return text === "-" ? null : text;
}
