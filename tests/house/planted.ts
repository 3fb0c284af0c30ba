// A checker that nobody has seen fail is no checker: each is shown a small tree of files with the fault it is for.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { read } from "../../scripts/house/sources.mjs";

/** Runs a check over a tree that holds only these files and the layer list. */
export function withPlanted<T>(files: Record<string, string>, check: (root: string) => T): T {
  const root = mkdtempSync(join(tmpdir(), "kvorum-house-"));
  const all = { "packages/core/layers.json": read("packages/core/layers.json"), ...files };
  try {
    for (const [path, text] of Object.entries(all)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return check(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
