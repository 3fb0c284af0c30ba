/**
 * Loads the native storage engine. It is loaded when it is needed, not when this file is, so that a machine that
 * lacks one of its libraries gets words instead of a stack trace.
 */
import type RocksDB from "rocksdb-native";
import type { EngineRefusal } from "./engine-refusal.ts";

export type RocksLibrary = typeof RocksDB;

export async function loadRocksLibrary(): Promise<RocksLibrary | EngineRefusal> {
  try {
    return (await import("rocksdb-native")).default;
  } catch (error) {
    return libraryRefusal(error);
  }
}

/** What to install when loading fails. */
export function libraryRefusal(error: unknown): EngineRefusal {
  const reason = reasonOf(error);
  return {
    code: "ENGINE_LIBRARY",
    text: `the storage engine (rocksdb-native) cannot be loaded: ${nextStep(reason)} (${reason})`,
  };
}

function nextStep(reason: string): string {
  if (reason.includes("libatomic")) return "install the Debian package libatomic1 (Fedora: libatomic)";
  if (reason.includes("GLIBC"))
    return "it needs glibc 2.34 or newer: Debian 12, Ubuntu 22.04, Fedora 35 or later";
  if (reason.includes("Cannot find addon")) {
    return "there is no build of it for this platform; use Linux with glibc or macOS, on x64 or arm64";
  }
  return "install it again with `npm ci`";
}

/** The innermost message: the outer ones only say that something could not be loaded. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = error.cause === undefined ? "" : reasonOf(error.cause);
  return inner === "" ? (error.message.split("\n")[0] ?? "") : inner;
}
