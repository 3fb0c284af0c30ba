/** `KV.ADMIN BUDGET [RATE operations] [BYTES bytes]`: what this member may do in the background, shown or set. */
import type { BudgetStatus, Bytes, MemberApi } from "@kvorum/core";
import { argument, wholeNumber } from "../arguments.ts";
import { isWord } from "../command-table.ts";

/** What it is after what was asked for, or what is wrong with that. */
export type BudgetAnswer =
  { readonly error: string; readonly status: null } | { readonly error: ""; readonly status: BudgetStatus };

/** More than any machine does. */
const RATE_MAX = 1_000_000;
const BYTES_MAX = 2 ** 40;

export function adminBudget(member: MemberApi, words: readonly Bytes[]): BudgetAnswer {
  const before = member.status().budget;
  let rate = before.operationsRateMax;
  let bytes = before.bytesRateMax;
  for (let i = 0; i < words.length; i += 2) {
    const word = argument(words, i);
    const value = words[i + 1] ?? null;
    if (isWord(word, "rate")) {
      rate = value === null ? NaN : wholeNumber(value, 1, RATE_MAX);
      if (Number.isNaN(rate)) return refused(`RATE must be operations per second from 1 to ${RATE_MAX}`);
    } else if (isWord(word, "bytes")) {
      bytes = value === null ? NaN : wholeNumber(value, 1, BYTES_MAX);
      if (Number.isNaN(bytes)) return refused(`BYTES must be bytes per second from 1 to ${BYTES_MAX}`);
    } else return refused("KV.ADMIN BUDGET takes RATE operations and BYTES bytes, both per second");
  }
  if (words.length > 0) member.adjustBudget(rate, bytes);
  return { error: "", status: member.status().budget };
}

function refused(text: string): BudgetAnswer {
  return { error: `ERR ${text}`, status: null };
}
