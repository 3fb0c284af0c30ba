/**
 * The 99th percentile of how long requests take now, for a few additions of a counter each. Durations are counted in
 * buckets, four to a factor of two, so that what it says is at most a quarter too high. No logarithm is taken: the last
 * digits of the built-in ones differ between engines.
 */

/** Up to 2^32 µs, more than an hour. */
const BUCKETS = 128;
/** So many make a percentile that means something; then a new window begins. */
const WINDOW_COUNT = 200;
/** Or what there is after so long. */
const WINDOW_MS = 2_000;

export class LatencyTracker {
  /** The window that is being filled, and the one before. */
  #current = new Uint32Array(BUCKETS);
  #before = new Uint32Array(BUCKETS);
  #count = 0;
  #countBefore = 0;
  #beganMs: number;

  constructor(nowMs: number) {
    this.#beganMs = nowMs;
  }

  add(durationMs: number, nowMs: number): void {
    if (this.#count >= WINDOW_COUNT) this.#turn(nowMs);
    const bucket = bucketOf(durationMs);
    this.#current[bucket] = (this.#current[bucket] ?? 0) + 1;
    this.#count++;
  }

  /**
   * In ms; 0 when nothing was added lately. One slow request alone says nothing, so with fewer than two hundred it is
   * the second slowest at most.
   */
  p99Ms(nowMs: number): number {
    if (nowMs - this.#beganMs >= WINDOW_MS) this.#turn(nowMs);
    const count = this.#count + this.#countBefore;
    const above = Math.max(Math.floor(count / 100), 1);
    let seen = 0;
    for (let bucket = BUCKETS - 1; bucket >= 0; bucket--) {
      seen += (this.#current[bucket] ?? 0) + (this.#before[bucket] ?? 0);
      if (seen > above) return endOfBucketMs(bucket);
    }
    return 0;
  }

  /** What was before something changed says nothing about after it. */
  forget(nowMs: number): void {
    this.#turn(nowMs);
    this.#turn(nowMs);
  }

  #turn(nowMs: number): void {
    const spare = this.#before;
    this.#before = this.#current;
    this.#countBefore = this.#count;
    spare.fill(0);
    this.#current = spare;
    this.#count = 0;
    this.#beganMs = nowMs;
  }
}

/** A number of µs by its highest bit and the two after it. */
function bucketOf(durationMs: number): number {
  const us = Math.min(Math.max(Math.round(durationMs * 1000), 4), 0xffff_ffff) >>> 0;
  const exponent = 31 - Math.clz32(us);
  return 4 * exponent + ((us >>> (exponent - 2)) & 3);
}

function endOfBucketMs(bucket: number): number {
  const exponent = bucket >> 2;
  return ((1 << (exponent - 2)) * (5 + (bucket & 3))) / 1000;
}
