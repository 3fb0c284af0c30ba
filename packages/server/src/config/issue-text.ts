/** Words for what is wrong with the shape of a configuration. */
import type { z } from "zod";
import { nearest } from "./nearest.ts";
import { knownKeys } from "./schema.ts";

interface ShapeProblem {
  readonly path: readonly PropertyKey[];
  readonly text: string;
}

const kinds: Readonly<Record<string, string>> = {
  string: "text",
  number: "a whole number",
  int: "a whole number",
  object: "a mapping (key: value)",
  record: "a mapping (key: value)",
  array: "a list",
};

export function shapeProblems(issues: readonly z.core.$ZodIssue[]): ShapeProblem[] {
  return issues.flatMap((issue) => {
    if (issue.code !== "unrecognized_keys") return [{ path: issue.path, text: issueText(issue) }];
    const known = knownKeys(issue.path);
    return issue.keys.map((key) => ({ path: [...issue.path, key], text: unknownKeyText(key, known) }));
  });
}

function unknownKeyText(key: string, known: readonly string[]): string {
  const meant = nearest(key, known);
  if (meant !== null) return `is not a known key; did you mean ${JSON.stringify(meant)}?`;
  return `is not a known key; known here are ${known.join(", ")}`;
}

function issueText(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      if (issue.input === undefined) return "is missing";
      return `must be ${kinds[issue.expected] ?? issue.expected}, not ${shown(issue.input)}`;
    case "invalid_value":
      return `must be ${issue.values.map(String).join(" or ")}, not ${shown(issue.input)}`;
    case "too_small":
      return boundText("at least", issue.origin, Number(issue.minimum), issue.input);
    case "too_big":
      return boundText("at most", issue.origin, Number(issue.maximum), issue.input);
    case "invalid_format":
      return `${issue.message}, not ${shown(issue.input)}`;
    case "invalid_key":
      return issue.issues.map((inner) => inner.message).join("; ");
    default:
      return issue.message;
  }
}

function boundText(relation: string, origin: string, bound: number, input: unknown): string {
  if (origin === "string") return `must have ${relation} ${bound} character`;
  if (Array.isArray(input)) return `must list ${relation} ${bound}, and lists ${input.length}`;
  return `must be ${relation} ${bound}, not ${shown(input)}`;
}

/** A value as somebody wrote it, short enough for one line. */
function shown(value: unknown): string {
  if (value === null) return "nothing";
  if (value === undefined) return "missing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  const text = typeof value === "number" ? String(value) : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
