/** Numbers with the names that Prometheus gives them. */

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export type Kind = "counter" | "gauge";

/** All samples of one name. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly kind: Kind;
  readonly samples: readonly Sample[];
}

/** `path` such as `["storage", "journalBytes"]` becomes `kvorum_storage_journal_bytes`; ms become seconds. */
export function family(
  path: readonly string[],
  kind: Kind,
  help: string,
  samples: readonly Sample[],
): Family {
  const last = path.at(-1) ?? "";
  const inMs = last.endsWith("Ms");
  const words = [...path.slice(0, -1), inMs ? `${last.slice(0, -2)}Seconds` : last].map(snake);
  const suffix = kind === "counter" ? ["total"] : [];
  return {
    name: ["kvorum", ...words, ...suffix].join("_"),
    help,
    kind,
    samples: inMs ? samples.map(({ labels, value }) => ({ labels, value: value / 1000 })) : samples,
  };
}

export function single(path: readonly string[], kind: Kind, help: string, value: number): Family {
  return family(path, kind, help, [{ labels: {}, value }]);
}

/** A number, or a truth as 1 or 0; null for anything else. */
export function numberOf(value: unknown): number | null {
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** The fields of any object. */
export function entriesOf(value: object): readonly (readonly [string, unknown])[] {
  return Object.entries(value);
}

function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replaceAll(/[^a-z0-9_]/g, "_");
}
