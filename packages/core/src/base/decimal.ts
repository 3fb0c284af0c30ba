/**
 * Numbers that are stored as text, as INCR and INCRBYFLOAT have them: whole numbers of 64 bits, and decimal fractions that
 * are added exactly (where Redis adds 80-bit floats and prints 17 places, 0.1 and 0.2 make 0.3 here too).
 */
import { type Bytes } from "./bytes.ts";
import { latin1Decode, latin1Encode } from "./utf8.ts";

const INT64_MIN = -(1n << 63n);
const INT64_MAX = (1n << 63n) - 1n;
/** Of the 17 that Redis prints. */
const PLACES = 17;
/** Beyond it Redis knows only infinity. */
const EXPONENT_MAX = 4_932;

/** Null: no whole number in its one form, or beyond 64 bits. */
export function parseInt64(bytes: Bytes): bigint | null {
  if (bytes.length === 0 || bytes.length > 20) return null;
  const text = latin1Decode(bytes);
  if (!/^(0|-?[1-9][0-9]*)$/.test(text)) return null;
  const number = BigInt(text);
  return isInt64(number) ? number : null;
}

export function isInt64(number: bigint): boolean {
  return number >= INT64_MIN && number <= INT64_MAX;
}

/** `digits` times ten to the power of minus `places`. */
interface Decimal {
  readonly digits: bigint;
  readonly places: number;
}

/** Null: no finite decimal number. */
function parseDecimal(bytes: Bytes): Decimal | null {
  if (bytes.length > 512) return null;
  const match = /^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,6}))?$/.exec(latin1Decode(bytes));
  if (match === null) return null;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  if (whole.length + fraction.length === 0) return null;
  const places = fraction.length - Number(exponent);
  if (whole.length - fraction.length - places > EXPONENT_MAX || Math.abs(places) > 2 * EXPONENT_MAX)
    return null;
  const digits = BigInt(whole + fraction) * (sign === "-" ? -1n : 1n);
  return places >= 0 ? { digits, places } : { digits: digits * tenTo(-places), places: 0 };
}

/** The sum as text with as many places as it needs, 17 at most. Null: one of the two is no number. */
export function addDecimals(a: Bytes, b: Bytes): Bytes | null {
  const [x, y] = [parseDecimal(a), parseDecimal(b)];
  if (x === null || y === null) return null;
  const places = Math.max(x.places, y.places);
  const sum = x.digits * tenTo(places - x.places) + y.digits * tenTo(places - y.places);
  return latin1Encode(decimalText(rounded(sum, places), Math.min(places, PLACES)));
}

/** To `PLACES` places, halves away from zero. */
function rounded(digits: bigint, places: number): bigint {
  if (places <= PLACES) return digits;
  const unit = tenTo(places - PLACES);
  const half = digits < 0n ? -unit / 2n : unit / 2n;
  return (digits + half) / unit;
}

function tenTo(power: number): bigint {
  return BigInt(`1${"0".repeat(power)}`);
}

function decimalText(digits: bigint, places: number): string {
  const sign = digits < 0n ? "-" : "";
  const text = (digits < 0n ? -digits : digits).toString().padStart(places + 1, "0");
  const whole = text.slice(0, text.length - places);
  const fraction = text.slice(text.length - places).replace(/0+$/, "");
  return fraction === "" ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}
