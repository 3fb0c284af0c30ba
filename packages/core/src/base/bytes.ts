/**
 * Bytes everywhere in core are plain `Uint8Array`s. Node hands in Buffers, which are a subclass; core never
 * relies on that.
 */
export type Bytes = Uint8Array;

export const EMPTY_BYTES: Bytes = new Uint8Array(0);

/** Whether two byte strings are the same. */
export function bytesEqual(a: Bytes, b: Bytes): boolean {
  const length = a.length;
  if (length !== b.length) return false;
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Lexicographic order of unsigned bytes: negative, zero or positive. The engine orders its keys this way. */
export function compareBytes(a: Bytes, b: Bytes): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** A copy that owns its memory, for bytes that were only lent. */
export function copyBytes(bytes: Bytes): Bytes {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy;
}
