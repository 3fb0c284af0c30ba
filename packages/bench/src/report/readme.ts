/** Tables that the benchmark writes into documents, each between two markers. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { BenchFailure } from "../failure.ts";

const root = new URL("../../../../", import.meta.url);

/** Where each table stands. */
const PAGES = {
  comparison: "README.md",
  "open-loop": "docs/performance.md",
  faults: "docs/performance.md",
  background: "docs/performance.md",
  micro: "docs/performance.md",
  trees: "docs/performance.md",
} as const;

export type TableName = keyof typeof PAGES;

/** The page with the text between the markers `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`. */
export function withTable(page: string, name: TableName, text: string): string {
  const begin = `<!-- bench:${name} -->`;
  const end = `<!-- /bench:${name} -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new BenchFailure("README", `the markers ${begin} and ${end} are missing`);
  return `${page.slice(0, from + begin.length)}\n\n${text.trim()}\n\n${page.slice(to)}`;
}

export function writeTable(name: TableName, text: string): void {
  const path = fileURLToPath(new URL(PAGES[name], root));
  writeFileSync(path, withTable(readFileSync(path, "utf8"), name, text));
}
