// What a module of core keeps from one call to the next. Simulated members share their modules, and so do two runs of
// a seed: a member would learn from another, or from a run before, what no real one can know. A module may work
// something out while it is loaded; after that nothing at its top changes.
import { isCore, listCode, read } from "../../scripts/house/sources.mjs";
import { isNode, lineFinder, parse, walk, type SyntaxNode } from "../../scripts/house/syntax.mjs";
import type { Excess } from "./size.ts";

const functions = /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/;
const changing =
  /^(set|add|delete|clear|push|pop|shift|unshift|splice|sort|reverse|fill|copyWithin|set(Uint|Int|Float|BigU?[Ii]nt)\d+)$/;
/** Which stay as they are when nobody changes them in place. Any other object may have a life of its own. */
const containers =
  /^(Map|Set|Array|ArrayBuffer|DataView|(Uint8|Uint16|Uint32|Int8|Int16|Int32|Float32|Float64)Array)$/;

interface Declared {
  readonly node: SyntaxNode;
  readonly init: SyntaxNode | null;
  readonly isExported: boolean;
  /** Declared with a type that cannot be written to. */
  readonly isReadonly: boolean;
}

function nodesOf(value: unknown): SyntaxNode[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}

function nameOf(node: unknown): string {
  return isNode(node) && node.type === "Identifier" ? String(node["name"]) : "";
}

function constructorOf(node: SyntaxNode): string | null {
  return node.type === "NewExpression" ? nameOf(node["callee"]) : null;
}

/** Without brackets and without words about its type; but `as const` says something. */
function bare(node: unknown): SyntaxNode | null {
  if (!isNode(node)) return null;
  const { expression, typeAnnotation } = node;
  const isConst = isNode(typeAnnotation) && nameOf(typeAnnotation["typeName"]) === "const";
  return /^(TS|Parenthesized|Chain)\w*Expression$/.test(node.type) && !isConst ? bare(expression) : node;
}

/** The variables at the top of a module, by name. */
function variables(tree: SyntaxNode, text: string): Map<string, Declared> {
  const found = new Map<string, Declared>();
  for (const statement of nodesOf(tree["body"])) {
    const inner = isNode(statement["declaration"]) ? statement["declaration"] : statement;
    for (const node of nodesOf(inner["declarations"])) {
      const { id, init } = node;
      const annotation = isNode(id) && isNode(id["typeAnnotation"]) ? id["typeAnnotation"] : null;
      const type = annotation === null ? "" : text.slice(annotation.start, annotation.end);
      found.set(nameOf(id), {
        node,
        init: bare(init),
        isExported: inner !== statement,
        isReadonly: /^:\s*(readonly |Readonly)/.test(type),
      });
    }
  }
  return found;
}

/** Everything that a module may change by name: what it declares and what it imports. */
function namesOf(tree: SyntaxNode): Set<string> {
  const statements = nodesOf(tree["body"]);
  const inner = statements.map(({ declaration }) => declaration).filter(isNode);
  return new Set([
    ...[...statements, ...inner].map(({ id }) => nameOf(id)),
    ...statements.flatMap(({ specifiers }) => nodesOf(specifiers).map(({ local }) => nameOf(local))),
  ]);
}

/** `a` in `a.b[c].d`. */
function rootOf(node: unknown): string {
  const inner = bare(node);
  return inner !== null && inner.type === "MemberExpression" ? rootOf(inner["object"]) : nameOf(inner);
}

function isMember(node: unknown): node is SyntaxNode {
  return isNode(node) && node.type === "MemberExpression";
}

/** The name at the beginning of what this node changes. */
function changedBy(node: SyntaxNode, patterns: ReadonlySet<string>): string {
  const { type, left, argument, callee } = node;
  if (type === "AssignmentExpression") return isMember(left) ? rootOf(left) : "";
  if (type === "UpdateExpression") return isMember(argument) ? rootOf(argument) : "";
  if (type === "UnaryExpression" && node["operator"] === "delete") return rootOf(argument);
  if (type !== "CallExpression" || !isMember(callee)) return "";
  const called = nameOf(callee["property"]);
  const root = rootOf(callee);
  return changing.test(called) || (/^(test|exec)$/.test(called) && patterns.has(root)) ? root : "";
}

/** A pattern that remembers where its last match ended. */
function remembers(init: SyntaxNode | null): boolean {
  const regex = init === null ? null : init["regex"];
  return typeof regex === "object" && regex !== null && "flags" in regex && /[gy]/.test(String(regex.flags));
}

/** Nothing is in it yet, so somebody means to put something in; unless there is no room. */
function isBlank(init: SyntaxNode): boolean {
  const [first] = nodesOf(init["arguments"]);
  if (init.type === "ArrayExpression") return nodesOf(init["elements"]).length === 0;
  if (!containers.test(constructorOf(init) ?? "")) return false;
  return first === undefined || (first.type !== "ArrayExpression" && first["value"] !== 0);
}

function declarationFault({ init, isExported, isReadonly }: Declared): string | null {
  if (init === null) return null;
  const callee = bare(init["callee"]);
  if (init.type === "CallExpression" && callee !== null && functions.test(callee.type)) {
    return "comes from a function that may keep variables";
  }
  const made = constructorOf(init);
  if (made !== null && !containers.test(made)) return "is an object, and may have a state";
  const isOpen =
    init.type === "ArrayExpression" || (made !== null && nodesOf(init["arguments"])[0]?.["value"] !== 0);
  return isExported && isOpen && !isReadonly ? "can be changed by whoever imports it" : null;
}

/** Every node inside a function, once. */
function* insideFunctions(tree: SyntaxNode): Generator<{ node: SyntaxNode; parent: SyntaxNode | null }> {
  const seen = new Set<SyntaxNode>();
  for (const { node: outer } of walk(tree)) {
    if (!functions.test(outer.type)) continue;
    for (const found of walk(outer)) {
      if (!seen.has(found.node)) yield found;
      seen.add(found.node);
    }
  }
}

/** The key is `path#NAME`. */
export function stateOf(path: string, text: string): Excess[] {
  if (!isCore(path)) return [];
  const { tree } = parse(path, text);
  const lineOf = lineFinder(text);
  const found: Excess[] = [];
  const add = (name: string, node: SyntaxNode, what: string) =>
    found.push({ key: `${path}#${name}`, what: `line ${lineOf(node.start)}: ${name} ${what}` });

  const declared = variables(tree, text);
  for (const [name, variable] of declared) {
    const fault = declarationFault(variable);
    if (fault !== null) add(name, variable.node, fault);
  }
  for (const { node } of walk(tree)) {
    if (node.type === "PropertyDefinition" && node["static"] === true) {
      add(isNode(node["key"]) ? String(node["key"]["name"]) : "", node, "is a field that all members share");
    }
  }
  for (const statement of nodesOf(tree["body"])) {
    const inner = isNode(statement["declaration"]) ? statement["declaration"] : statement;
    if (inner["kind"] !== "let" && inner["kind"] !== "var") continue;
    for (const { id } of nodesOf(inner["declarations"]))
      add(nameOf(id), inner, "is a variable that all members share");
  }

  const names = namesOf(tree);
  for (const name of declared.keys()) names.add(name);
  const patterns = new Set([...declared].filter(([, { init }]) => remembers(init)).map(([name]) => name));
  const blanks = new Set(
    [...declared]
      .filter(([, one]) => one.init !== null && !one.isReadonly && isBlank(one.init))
      .map(([name]) => name),
  );
  for (const { node, parent } of insideFunctions(tree)) {
    const changed = changedBy(node, patterns);
    if (names.has(changed) && changed !== "") add(changed, node, "is changed after its module was loaded");
    const isRead = isMember(parent) && parent["object"] === node;
    if (node.type === "Identifier" && blanks.has(nameOf(node)) && !isRead) {
      add(nameOf(node), node, "is handed to something that may fill it");
    }
  }
  return found;
}

export function allState(from?: string): Excess[] {
  return listCode(from).flatMap((path) => stateOf(path, read(path, from)));
}
