// Words that no file holds: promises of later work, tests switched off, rules switched off.
import { isCode, isTestCode, listFiles, read } from "../../scripts/house/sources.mjs";
import { parse } from "../../scripts/house/syntax.mjs";
import type { Ratchet } from "./size.ts";

// Written so that this file does not hold them either.
const unfinished = /\b(T[O]DO|F[I]XME|X[X]X|H[A]CK)\b/;
const uncheckedType = /@ts-(ignor[e]|nochec[k])/;
const expectedError = /@ts-expect-erro[r]/;
// skipIf stays possible, for a test that needs a program which the machine lacks; npm test says how many were left out.
const switchedOff = /\b(?:it|test|describe|suite|bench)(?:\.\w+)*\.(?:onl[y]|ski[p]|tod[o])\b/;
const disabled = /(?:eslint|oxlint)-disable(?:-next-line|-line)?\b(.*)/;

const textEndings = /\.(ts|mts|js|mjs|json|md|ya?ml|sh|html|css)$|^\.ci\//;
const generated = new Set(["package-lock.json"]);

interface Finding {
  readonly path: string;
  readonly line: number;
  readonly what: string;
}

/** Rules switched off in comments; each needs an entry `path!rule` in the ratchet. */
export function disabledRules(path: string, text: string): { rule: string; line: number }[] {
  const { comments } = parse(path, text);
  return comments.flatMap(({ value, start }) => {
    const [, rest] = disabled.exec(value) ?? [];
    if (rest === undefined) return [];
    const line = text.slice(0, start).split("\n").length;
    const rules = (rest.split("--")[0] ?? "").split(/[\s,]+/).filter((rule) => rule !== "");
    return (rules.length === 0 ? ["every rule"] : rules).map((rule) => ({ rule, line }));
  });
}

function findInLine(path: string, text: string): string[] {
  const found = [];
  if (unfinished.test(text)) found.push("unfinished work");
  if (!isCode(path)) return found;
  if (uncheckedType.test(text)) found.push("types switched off");
  if (expectedError.test(text) && !isTestCode(path)) found.push("an expected type error outside tests");
  if (isTestCode(path) && switchedOff.test(text)) found.push("a test switched off or singled out");
  return found;
}

export function findWords(path: string, text: string): Finding[] {
  return text
    .split("\n")
    .flatMap((line, index) => findInLine(path, line).map((what) => ({ path, line: index + 1, what })));
}

export function forbiddenWords(from?: string): string[] {
  return listFiles(".", from)
    .filter((path) => textEndings.test(path) && !generated.has(path))
    .flatMap((path) => findWords(path, read(path, from)))
    .map(({ path, line, what }) => `${path}:${line} ${what}`);
}

export function unexplainedDisables(ratchet: Ratchet, from?: string): string[] {
  return listFiles(".", from)
    .filter(isCode)
    .flatMap((path) =>
      disabledRules(path, read(path, from))
        .filter(({ rule }) => ratchet[`${path}!${rule}`] === undefined)
        .map(({ rule, line }) => `${path}:${line} switches off ${rule}`),
    );
}
