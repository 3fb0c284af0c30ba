/** A YAML text together with the lines on which its values stand. */
import { isMap, isNode, isPair, isScalar, LineCounter, parseDocument, type Document } from "yaml";
import type { ConfigProblem } from "./member-config.ts";

export type YamlSource =
  | {
      readonly ok: true;
      readonly value: unknown;
      readonly lineOf: (path: readonly PropertyKey[]) => number | null;
    }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

export function readYaml(text: string): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const mistakes = [...document.errors, ...document.warnings];
  if (mistakes.length > 0) {
    return {
      ok: false,
      problems: mistakes.map(({ pos, message }) => ({
        path: "",
        line: lines.linePos(pos[0]).line,
        text: message,
      })),
    };
  }
  try {
    const value: unknown = document.toJS();
    return { ok: true, value, lineOf: (path) => lineOf(document, lines, path) };
  } catch (error) {
    // Anchors without an end, or aliases that multiply.
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, problems: [{ path: "", line: null, text: message }] };
  }
}

/** The line of a key or list item; of what encloses it when it is not there. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number | null {
  const last = path.at(-1);
  if (last === undefined) return lineAt(document.contents, lines);
  const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (isMap(parent)) {
    for (const item of parent.items) {
      if (isPair(item) && isScalar(item.key) && item.key.value === last) return lineAt(item.key, lines);
    }
  }
  return lineAt(document.getIn(path, true), lines) ?? lineOf(document, lines, path.slice(0, -1));
}

function lineAt(node: unknown, lines: LineCounter): number | null {
  return isNode(node) && node.range ? lines.linePos(node.range[0]).line : null;
}
