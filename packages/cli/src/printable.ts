/** Bytes that somebody stored, as they may be shown on a terminal. */

/** The text that the bytes are in UTF-8; null when they are none. */
function utf8Of(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** One line without control characters, cut where it gets long. */
export function shownBytes(bytes: Uint8Array, charsMax: number): string {
  const text = utf8Of(bytes);
  if (text === null) return `(${bytes.length} bytes that are no text)`;
  const shown = text.replaceAll(/[\p{Cc}\p{Cf}]/gu, escaped);
  return shown.length <= charsMax ? shown : `${shown.slice(0, charsMax)}... (${bytes.length} bytes)`;
}

/** As JSON escapes it; JSON leaves some alone that turn a terminal's line around. */
function escaped(char: string): string {
  const short = JSON.stringify(char).slice(1, -1);
  return short === char ? `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}` : short;
}

/** For JSON: `{ "value": text }`, or `{ "valueBase64": … }` where the bytes are no text. */
export function jsonValue(bytes: Buffer): { value: string } | { valueBase64: string } {
  const text = utf8Of(bytes);
  return text === null ? { valueBase64: bytes.toString("base64") } : { value: text };
}

/** The same for a key: `{ "key": text }`, or `{ "keyBase64": … }`. */
export function jsonKey(bytes: Buffer): { key: string } | { keyBase64: string } {
  const shown = jsonValue(bytes);
  return "value" in shown ? { key: shown.value } : { keyBase64: shown.valueBase64 };
}

/** When something expires, or that it never does. */
export function expiryText(expiryMs: number): string {
  return expiryMs === 0 ? "never" : new Date(expiryMs).toISOString();
}
