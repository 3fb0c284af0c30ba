/**
 * One record, one token and what they are made of. Their bytes were computed apart from this code, from the words
 * that describe the formats; members and clients hold such bytes, so they never change within a format.
 */
import { type Bytes, EMPTY_BYTES } from "../base/bytes.ts";
import { contextWith } from "./causal-context.ts";
import type { Version } from "./dot.ts";

/** 2026-01-01T00:00Z as a clock. */
const JANUARY = 775_736_524_800_000;
export const GOLDEN_EXPIRY_MS = 1_767_312_000_000;

function claim(context: Bytes, member: number, start: number, clock: number): Bytes {
  return contextWith(context, member, JANUARY + start, JANUARY + clock);
}

/** Members 1 and 2 wrote what is there; member 3 wrote what they superseded. */
export const GOLDEN_CONTEXT: Bytes = claim(
  claim(claim(EMPTY_BYTES, 3, 9, 500 * 4096), 2, 7, 2_000 * 4096 + 5),
  1,
  0,
  1_000 * 4096,
);

export const GOLDEN_VERSIONS: readonly Version[] = [
  {
    dot: { member: 2, start: JANUARY + 7, clock: JANUARY + 2_000 * 4096 + 5 },
    kind: "value",
    expiryMs: GOLDEN_EXPIRY_MS,
    value: Uint8Array.from("pears", (letter) => letter.charCodeAt(0)),
  },
  {
    dot: { member: 1, start: JANUARY, clock: JANUARY + 1_000 * 4096 },
    kind: "value",
    expiryMs: 0,
    value: Uint8Array.from("apples", (letter) => letter.charCodeAt(0)),
  },
];

export const GOLDEN_RECORD_HEX = [
  "01 00 0003 0002 0000 00000087 d65bc4d3",
  "00000001 0002c1873c000000 0002c1873c3e8000",
  "00000002 0002c1873c000007 0002c1873c7d0005",
  "00000003 0002c1873c000009 0002c1873c1f4000",
  "0000 00 00 0002c1873c3e8000 0000000000000000 00000006",
  "0001 00 00 0002c1873c7d0005 0000019b7c010400 00000005",
  "6170706c6573 7065617273",
]
  .join("")
  .replaceAll(" ", "");

export const GOLDEN_SCOPE = { cluster: 0xdead_beef, namespace: 7 };
export const GOLDEN_KEY: Bytes = Uint8Array.from("cart", (letter) => letter.charCodeAt(0));
export const GOLDEN_TOKEN =
  "AQACAAPerb7vAAeMijzcpyAgrgAAAAEAAsGHPAAAAAACwYc8PoAAAAAAAgACwYc8AAAHAALBhzx9AAUAAAABAALBhzwAAAAAAsGHPD6AAAAAAAIAAsGHPAAABwACwYc8fQAFAAAAAwACwYc8AAAJAALBhzwfQACoEVK9";

export function hexOf(bytes: Bytes): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function bytesOfHex(hex: string): Bytes {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
