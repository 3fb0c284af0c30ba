/** What a person reads when the disk under the journal fails, and the member stops. */
import type { FileError } from "../ports/files.ts";

export type JournalOperation =
  "create" | "write" | "fsync" | "close" | "remove" | "fsync of the directory of";

const FULL = new Set(["ENOSPC", "EDQUOT"]);

export function journalFailureText(operation: JournalOperation, file: string, error: FileError): string {
  const what = `${operation} ${file} failed (${error.code}: ${error.text})`;
  if (FULL.has(error.code)) {
    return `no space left on device: ${what}; the member stops before it would acknowledge what is not stored; free space, then start it again`;
  }
  if (operation.startsWith("fsync")) {
    return `fsync failed: ${what}; the process stops because the kernel may have dropped the data, and a second fsync would only seem to succeed; check the disk, then start the member again`;
  }
  return `${what}; the member stops before it would acknowledge what is not stored; check the disk, then start it again`;
}
