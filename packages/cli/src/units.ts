/** Amounts as people read them: three digits at most, and a unit. */

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // What would be rounded up to the next unit is that unit's.
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : shortText(value)} ${BYTE_UNITS[unit] ?? ""}`;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The two largest units: `3d 4h`, `2m 5s`, `40s`. */
export function durationText(ms: number): string {
  const two = (large: number, largeUnit: string, small: number, smallUnit: string): string => {
    const rest = Math.floor((ms % large) / small);
    return `${Math.floor(ms / large)}${largeUnit}${rest === 0 ? "" : ` ${rest}${smallUnit}`}`;
  };
  if (ms >= DAY_MS) return two(DAY_MS, "d", HOUR_MS, "h");
  if (ms >= HOUR_MS) return two(HOUR_MS, "h", MINUTE_MS, "m");
  if (ms >= MINUTE_MS) return two(MINUTE_MS, "m", SECOND_MS, "s");
  return `${Math.floor(ms / SECOND_MS)}s`;
}

/** How many a second, over the whole of `overMs`. */
export function rateText(count: number, overMs: number): string {
  return shortText(overMs > 0 ? (count * SECOND_MS) / overMs : 0);
}

/** Three digits where there are so many: `0.12`, `1.5`, `12`, `1234`. */
export function shortText(value: number): string {
  if (value === 0) return "0";
  if (Math.abs(value) < 0.95) return value.toFixed(2);
  return Math.abs(value) < 9.95 ? value.toFixed(1) : value.toFixed(0);
}
