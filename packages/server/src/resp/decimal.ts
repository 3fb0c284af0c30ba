/**
 * Whole numbers in decimal, read from bytes as strictly as Redis reads them: an optional minus, no plus, no spaces,
 * no leading zeros, within 64 bits. `Number` and `parseInt` accept far more than they should.
 */
import type { Bytes } from "@kvorum/core";

const MINUS = 0x2d;
const ZERO = 0x30;
/** Of 64 bits; texts of this length compare as the numbers do. */
const DIGITS_MAX = 19;
const HIGHEST = "9223372036854775807";
const LOWEST = "9223372036854775808";

/**
 * The number, or NaN when the bytes are not one. Beyond 2^53 it is the nearest double, which is enough to compare
 * it with a limit.
 */
export function decimalOf(bytes: Bytes): number {
  const negative = bytes[0] === MINUS;
  const from = negative ? 1 : 0;
  const count = bytes.length - from;
  if (count < 1 || count > DIGITS_MAX) return Number.NaN;
  if (bytes[from] === ZERO) return count === 1 && !negative ? 0 : Number.NaN;
  let value = 0;
  for (let i = from; i < bytes.length; i++) {
    const digit = (bytes[i] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  if (!Number.isSafeInteger(value)) {
    const digits = String.fromCharCode(...bytes.subarray(from));
    if (count === DIGITS_MAX && digits > (negative ? LOWEST : HIGHEST)) return Number.NaN;
    value = Number(digits);
  }
  return negative ? -value : value;
}
