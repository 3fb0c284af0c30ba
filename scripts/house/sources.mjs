// Which files the house looks at, and what each of them is. Generated and installed files are never looked at.
import { readFileSync, readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

const skippedFolders = new Set(["node_modules", "dist", "coverage", ".git", ".kvorum", ".cache"]);
const codeEndings = [".ts", ".mts", ".js", ".mjs"];

/** Every file below `folder` (a path from `from`), as sorted paths from `from` with forward slashes. */
export function listFiles(folder = ".", from = root) {
  /** @type {string[]} */
  const found = [];
  /** @param {string} path */
  const walk = (path) => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const child = join(path, entry.name);
      if (entry.isDirectory() && !skippedFolders.has(entry.name)) walk(child);
      else if (entry.isFile()) found.push(relative(from, child).split(sep).join("/"));
    }
  };
  walk(join(from, folder));
  return found.toSorted();
}

/** @param {string} path */
export function isCode(path) {
  return codeEndings.some((ending) => path.endsWith(ending));
}

/** Code that only tests run: `x.test.ts`, shared suites `x.conformance.ts`, helpers `x.fixture.ts`, the folder src/testing. @param {string} path */
export function isTestCode(path) {
  return (
    path.startsWith("tests/") ||
    /\/src\/testing(\.ts$|\/)/.test(path) ||
    /\.(test|conformance|fixture)\.ts$/.test(path)
  );
}

/** Shipped code of core: the same in production and in the simulator. @param {string} path */
export function isCore(path) {
  return path.startsWith("packages/core/src/") && isCode(path) && !isTestCode(path);
}

export function listCode(from = root) {
  return listFiles(".", from).filter(isCode);
}

/** @param {string} path */
export function read(path, from = root) {
  return readFileSync(join(from, path), "utf8");
}
