/** Reads what Prometheus reads: the text format, with all that it demands of it. */

export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Exposition {
  readonly types: ReadonlyMap<string, string>;
  readonly series: readonly Series[];
  /** The only value of that name and those labels; throws when there is none. */
  value(name: string, labels?: Readonly<Record<string, string>>): number;
}

/** Throws at the first line that is not as the format has it. */
export function readExposition(text: string): Exposition {
  if (!text.endsWith("\n")) throw new Error("the last line does not end");
  const types = new Map<string, string>();
  const helps = new Set<string>();
  const series: Series[] = [];
  const seen = new Set<string>();
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const [, what, name = "", rest = ""] = /^# (HELP|TYPE) ([a-z_]+) (.+)$/.exec(line) ?? [];
    if (what === "HELP") {
      if (helps.has(name)) throw new Error(`explained twice: ${name}`);
      helps.add(name);
    } else if (what === "TYPE") {
      if (types.has(name)) throw new Error(`two types: ${name}`);
      if (!["counter", "gauge", "histogram"].includes(rest)) throw new Error(`no type: ${line}`);
      types.set(name, rest);
    } else {
      const one = readSeries(line);
      const id = line.slice(0, line.lastIndexOf(" "));
      if (seen.has(id)) throw new Error(`told twice: ${id}`);
      seen.add(id);
      if (!types.has(one.name) && !types.has(one.name.replace(/_(bucket|sum|count)$/, "")))
        throw new Error(`without a type: ${line}`);
      series.push(one);
    }
  }
  return { types, series, value: (name, labels = {}) => valueOf(series, name, labels) };
}

function readSeries(line: string): Series {
  const [, name, inner = "", number] =
    /^([a-z_]+)(?:\{(.+)\})? (-?[0-9.]+(?:e[+-]?[0-9]+)?|\+Inf|Nan)$/.exec(line) ?? [];
  if (name === undefined || number === undefined) throw new Error(`not a sample: ${line}`);
  const labels: Record<string, string> = {};
  let rest = inner;
  while (rest !== "") {
    const found = /^([a-z_]+)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/.exec(rest);
    if (found === null) throw new Error(`not labels: ${line}`);
    labels[found[1] ?? ""] = found[2] ?? "";
    rest = rest.slice(found[0].length);
  }
  return { name, labels, value: Number(number.replace("+Inf", "Infinity")) };
}

function valueOf(series: readonly Series[], name: string, labels: Readonly<Record<string, string>>): number {
  const wanted = Object.entries(labels);
  const found = series.filter(
    (one) => one.name === name && wanted.every(([label, value]) => one.labels[label] === value),
  );
  const [only] = found;
  if (only === undefined || found.length > 1)
    throw new Error(`${found.length} of ${name} ${JSON.stringify(labels)}`);
  return only.value;
}
