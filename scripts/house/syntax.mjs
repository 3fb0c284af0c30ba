// Reads the syntax of a file. The compiler in use offers no interface for this, so oxc-parser does it.
import { parseSync } from "oxc-parser";

/**
 * A node of the syntax tree: its fields depend on its type, and the house reads only a few of them.
 * @typedef {{ type: string, start: number, end: number, [field: string]: unknown }} SyntaxNode
 */

/** @param {unknown} value @returns {value is SyntaxNode} */
export function isNode(value) {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

/** @param {string} path @param {string} text */
export function parse(path, text) {
  const { program, comments, errors } = parseSync(path, text);
  const first = errors[0];
  if (first !== undefined) throw new Error(`${path}: ${first.message}`);
  /** @type {unknown} */
  const tree = program;
  if (!isNode(tree)) throw new Error(`${path}: no syntax tree`);
  return { tree, comments };
}

/** @param {SyntaxNode} node */
function* children(node) {
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) yield* value.filter(isNode);
    else if (isNode(value)) yield value;
  }
}

/**
 * Visits a node and everything below it, each with its parent.
 * @param {SyntaxNode} node
 * @param {SyntaxNode | null} parent
 * @returns {Generator<{ node: SyntaxNode, parent: SyntaxNode | null }>}
 */
export function* walk(node, parent = null) {
  yield { node, parent };
  for (const child of children(node)) yield* walk(child, node);
}

/** @param {string} text */
export function lineFinder(text) {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  /** The number, from 1, of the line that holds this offset. @param {number} offset */
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };
}

/**
 * Every module that a file names, in whatever way: import, export from, import(), import("…") in a type.
 * @param {string} path @param {string} text
 * @returns {{ specifier: string, line: number }[]}
 */
export function importsOf(path, text) {
  const lineOf = lineFinder(text);
  /** @type {{ specifier: string, line: number }[]} */
  const found = [];
  for (const { node } of walk(parse(path, text).tree)) {
    if (
      !/^(Import(Declaration|Expression)|TSImportType|TSExternalModuleReference|Export(Named|All)Declaration)$/.test(
        node.type,
      )
    )
      continue;
    const source = node["source"] ?? node["argument"] ?? node["expression"];
    if (isNode(source) && typeof source["value"] === "string") {
      found.push({ specifier: source["value"], line: lineOf(node.start) });
    }
  }
  return found;
}
