/**
 * Why a directory is not opened. A refusal changes nothing on the disk; its text names the next step for a person.
 */
export type StorageRefusalCode =
  | "OTHER_CLUSTER"
  | "OTHER_MEMBER"
  | "NEWER_FORMAT"
  | "IDENTITY_DAMAGED"
  | "IDENTITY_MISSING"
  | "JOURNAL_DAMAGED"
  | "JOURNAL_MISSING"
  | "STORAGE_IO";

export interface StorageRefusal {
  readonly code: StorageRefusalCode;
  readonly text: string;
}
