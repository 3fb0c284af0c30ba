/** Builds a copy of core's shipped code with one planted bug in it, and loads it beside the sound one. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { CoreCode } from "../world/compose.ts";

export interface Patch {
  /** Below core's `dist`. */
  readonly file: string;
  /** Must be found exactly once: a canary that no longer fits has to be looked at. */
  readonly find: string;
  readonly replace: string;
}

/** The same from `src` and from `dist`. */
const shipped = fileURLToPath(new URL("../../../core/dist/", import.meta.url));

/** Applies a patch to a text. */
export function applyPatch(text: string, { file, find, replace }: Patch): string {
  const parts = text.split(find);
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} places like: ${find}`);
  return parts.join(replace);
}

export async function loadPatchedCore(patches: readonly Patch[]): Promise<CoreCode> {
  const folder = mkdtempSync(join(tmpdir(), "kvorum-canary-"));
  try {
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    cpSync(shipped, join(folder, "dist"), { recursive: true });
    for (const patch of patches) {
      const path = join(folder, "dist", patch.file);
      writeFileSync(path, applyPatch(readFileSync(path, "utf8"), patch));
    }
    const url = pathToFileURL(join(folder, "dist", "index.js")).href;
    // The patched modules have the shape of the sound ones: a patch changes what they do, not what they export.
    const code: unknown = await import(/* @vite-ignore */ url);
    return code as CoreCode;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
