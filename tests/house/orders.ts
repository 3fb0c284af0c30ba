// Orders that depend on more than the data, in core. An object puts keys that look like numbers first, a sort without
// an order compares texts, and a stack trace says where files lie: two members, or two runs, could disagree.
import { isCore, listCode, read } from "../../scripts/house/sources.mjs";
import { isNode, lineFinder, parse, walk, type SyntaxNode } from "../../scripts/house/syntax.mjs";
import type { Excess } from "./size.ts";

/** A name, as an identifier or as a text in brackets. */
function nameOf(node: unknown): string | null {
  if (!isNode(node)) return null;
  if (node.type === "Identifier") return String(node["name"]);
  return node.type === "Literal" && typeof node["value"] === "string" ? node["value"] : null;
}

/** What `x.y` and `x["y"]` are called after. */
function memberOf(node: unknown): string | null {
  if (!isNode(node) || node.type !== "MemberExpression") return null;
  const { computed, property } = node;
  return computed === true && isNode(property) && property.type !== "Literal" ? null : nameOf(property);
}

/** Names in capitals are constants of a module, and their keys are written where everybody sees them. */
function isConstant(node: unknown): boolean {
  return /^[A-Z][A-Z0-9_]+$/.test(nameOf(node) ?? "");
}

/** Nothing, `undefined`, or one of two that may be `undefined`. */
function mayBeMissing(node: unknown): boolean {
  if (!isNode(node)) return true;
  const branches = node.type === "ConditionalExpression" ? [node["consequent"], node["alternate"]] : [];
  return nameOf(node) === "undefined" || branches.some(mayBeMissing);
}

function callFault(node: SyntaxNode): { rule: string; what: string } | null {
  const { callee } = node;
  const given: readonly unknown[] = Array.isArray(node["arguments"]) ? node["arguments"] : [];
  const called = memberOf(callee) ?? "";
  if (/^(sort|toSorted)$/.test(called) && mayBeMissing(given[0])) {
    return { rule: "sort", what: `calls ${called}() without an order` };
  }
  const owner = isNode(callee) ? nameOf(callee["object"]) : null;
  const lists =
    (owner === "Object" && /^(keys|values|entries|getOwnProperty(Names|Descriptors))$/.test(called)) ||
    (owner === "Reflect" && called === "ownKeys");
  return lists && !isConstant(given[0])
    ? { rule: "keys", what: "lists an object's keys, those like numbers first: use a Map" }
    : null;
}

function orderFault(node: SyntaxNode): { rule: string; what: string } | null {
  if (node.type === "ForInStatement") {
    return { rule: "for-in", what: "loops over an object's keys, those like numbers first: use a Map" };
  }
  if (/^(stack|captureStackTrace)$/.test(memberOf(node) ?? "")) {
    return { rule: "stack", what: "reads a stack trace" };
  }
  return node.type === "CallExpression" ? callFault(node) : null;
}

/** The key is `path#rule`. */
export function ordersOf(path: string, text: string): Excess[] {
  if (!isCore(path)) return [];
  const lineOf = lineFinder(text);
  const found: Excess[] = [];
  for (const { node } of walk(parse(path, text).tree)) {
    const fault = orderFault(node);
    if (fault === null) continue;
    found.push({ key: `${path}#${fault.rule}`, what: `line ${lineOf(node.start)} ${fault.what}` });
  }
  return found;
}

export function allOrders(from?: string): Excess[] {
  return listCode(from).flatMap((path) => ordersOf(path, read(path, from)));
}
