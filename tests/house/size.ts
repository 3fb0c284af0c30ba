// Sizes: small files and small functions, and one list of exceptions, each with its reason.
import { isCode, isTestCode, listFiles, read } from "../../scripts/house/sources.mjs";
import { isNode, lineFinder, parse, walk, type SyntaxNode } from "../../scripts/house/syntax.mjs";

const fileLinesMax = 400;
const testFileLinesMax = 600;
const functionLinesMax = 70;

/** `path`, `path#function`, `path#NAME` or `path!rule` → the reason. */
export type Ratchet = Readonly<Record<string, string>>;

export interface Excess {
  readonly key: string;
  readonly what: string;
}

export function readRatchet(from?: string): Ratchet {
  return JSON.parse(read("tests/house/ratchet.json", from)) as Ratchet;
}

function nameIn(node: SyntaxNode | null): string | undefined {
  const holder = node?.["id"] ?? node?.["key"] ?? node?.["left"];
  return isNode(holder) && typeof holder["name"] === "string" ? holder["name"] : undefined;
}

function functionExcesses(path: string, text: string): Excess[] {
  const lineOf = lineFinder(text);
  const found: Excess[] = [];
  for (const { node, parent } of walk(parse(path, text).tree)) {
    if (!/^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type)) continue;
    const count = lineOf(node.end - 1) - lineOf(node.start) + 1;
    if (count <= functionLinesMax) continue;
    const name = nameIn(node) ?? nameIn(parent) ?? `line-${lineOf(node.start)}`;
    found.push({ key: `${path}#${name}`, what: `has ${count} lines, and ${functionLinesMax} is the limit` });
  }
  return found;
}

export function excessesOf(path: string, text: string): Excess[] {
  const test = isTestCode(path);
  const max = test ? testFileLinesMax : fileLinesMax;
  const count = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  const file = count > max ? [{ key: path, what: `has ${count} lines, and ${max} is the limit` }] : [];
  return test ? file : [...file, ...functionExcesses(path, text)];
}

export function excesses(from?: string): Excess[] {
  return listFiles(".", from)
    .filter(isCode)
    .flatMap((path) => excessesOf(path, read(path, from)));
}
