/** Keys as members know them. */
import type { Bytes } from "@kvorum/core";

/** All keys of a world are in the first namespace. */
export const NAMESPACE = 1;

/** Keys are plain ASCII. */
export function keyBytes(key: string): Bytes {
  return Uint8Array.from(key, (character) => character.charCodeAt(0));
}

export function keyText(key: Bytes): string {
  return String.fromCharCode(...key);
}
