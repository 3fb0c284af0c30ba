// The shape of source files: names, exports, and what keeps core pure. Comments may say what they like.
import { isCode, isCore, listFiles, read } from "../../scripts/house/sources.mjs";
import { isNode, lineFinder, parse, walk, type SyntaxNode } from "../../scripts/house/syntax.mjs";

const publicIndex = /^packages\/[^/]+\/src\/(index|testing|parts)\.ts$/;
/** Types of a library that ships none, in the form that the library has. */
const foreignTypes = /\.d\.ts$/;
const fileName =
  /^[a-z0-9]+(-[a-z0-9]+)*(\.(prop|process|soak))?(\.(test|conformance|fixture))?(\.d)?\.(ts|mjs|js)$/;
const promises = new Set([
  "Promise",
  "PromiseLike",
  "AsyncIterable",
  "AsyncIterator",
  "AsyncGenerator",
  "Awaited",
]);

function anyAssertion(node: SyntaxNode): boolean {
  const type = node["typeAnnotation"];
  return /^TS(As|TypeAssertion)/.test(node.type) && isNode(type) && type.type === "TSAnyKeyword";
}

function exportFault(path: string, node: SyntaxNode): string | null {
  if (node.type === "ExportDefaultDeclaration") return "has a default export";
  const again =
    node.type === "ExportAllDeclaration" ||
    (node.type === "ExportNamedDeclaration" && isNode(node["source"]));
  return again && !publicIndex.test(path) ? "exports again what another file exports" : null;
}

function specifierFault(node: SyntaxNode): string | null {
  const source = node["source"];
  if (!isNode(source) || typeof source["value"] !== "string") return null;
  const specifier = source["value"];
  return specifier.startsWith(".") && !/\.(ts|mjs)$/.test(specifier)
    ? `imports "${specifier}" without .ts`
    : null;
}

/** A number as written, perhaps with a minus: the compiler works its power out. */
function isConstant(side: unknown): boolean {
  if (!isNode(side)) return false;
  return side.type === "Literal" || (side.type === "UnaryExpression" && isConstant(side["argument"]));
}

function purityFault(node: SyntaxNode): string | null {
  if (node["async"] === true) return "has an async function in core";
  if (node.type === "AwaitExpression" || node["await"] === true) return "awaits in core";
  if (node.type === "Identifier" && promises.has(String(node["name"])))
    return `uses ${String(node["name"])} in core`;
  const power = node["operator"] === "**" || node["operator"] === "**=";
  const exact = isConstant(node["left"]) && isConstant(node["right"]);
  return power && !exact ? "raises to a power in core, and engines differ in its last digits" : null;
}

/** What is wrong with the shape of one file of a package's src. */
export function shapeFaults(path: string, text: string): string[] {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const found = fileName.test(name) ? [] : [`${path} is not named in kebab-case`];
  if (name === "index.ts" && !publicIndex.test(path)) found.push(`${path} is a barrel`);
  if (foreignTypes.test(path)) return found;
  const pure = isCore(path);
  const lineOf = lineFinder(text);
  for (const { node } of walk(parse(path, text).tree)) {
    const faults = [exportFault(path, node), specifierFault(node), pure ? purityFault(node) : null];
    if (anyAssertion(node)) faults.push("asserts any");
    for (const fault of faults) if (fault !== null) found.push(`${path}:${lineOf(node.start)} ${fault}`);
  }
  return found;
}

export function allShapeFaults(from?: string): string[] {
  return listFiles("packages", from)
    .filter((path) => isCode(path) && /^packages\/[^/]+\/src\//.test(path))
    .flatMap((path) => shapeFaults(path, read(path, from)));
}
