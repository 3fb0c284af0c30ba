/** The documents about configuration say what the schema says, and the sample can be used. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { z } from "zod";
import { parseConfig } from "./parse-config.ts";
import { configSchema } from "./schema.ts";

const docs = fileURLToPath(new URL("../../../../docs/", import.meta.url));

/** What stands in the columns of the tables: key, default, values. */
interface Row {
  readonly key: string;
  readonly byDefault: string;
  readonly values: string;
}

function rowsOf(path: string, schema: z.core.$ZodType, byDefault: string): Row[] {
  if (schema instanceof z.ZodOptional) return rowsOf(path, schema.unwrap(), "none");
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return rowsOf(path, schema.unwrap(), valueText(schema.def.defaultValue));
  if (schema instanceof z.ZodArray) {
    const { minimum, maximum } = boundsOf(schema);
    const row = { key: path, byDefault, values: `a list of ${minimum} to ${maximum}` };
    return [row, ...rowsOf(`${path}[]`, schema.element, "required")];
  }
  if (schema instanceof z.ZodObject) {
    const fields = Object.entries<z.core.$ZodType>(schema.shape);
    return fields.flatMap(([key, inner]) => rowsOf(path === "" ? key : `${path}.${key}`, inner, "required"));
  }
  return [{ key: path, byDefault, values: valuesText(schema) }];
}

function valuesText(schema: z.core.$ZodType): string {
  if (schema instanceof z.ZodNumber)
    return `${numberText(schema.minValue)} to ${numberText(schema.maxValue)}`;
  if (schema instanceof z.ZodBoolean) return "true, false";
  if (schema instanceof z.ZodEnum) return schema.options.map(String).join(", ");
  if (schema instanceof z.ZodRecord) return "member: `HOST:PORT`";
  if (schema instanceof z.ZodPipe) return "`HOST:PORT`";
  if (schema instanceof z.ZodUnion) return "a name or an id";
  if (schema instanceof z.ZodString) return schema.format === "regex" ? "a name" : "a path";
  throw new Error("no words for a kind of schema");
}

function boundsOf(schema: z.ZodArray): { minimum: string; maximum: string } {
  const { minItems, maxItems } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return { minimum: numberText(minItems ?? 0), maximum: numberText(maxItems ?? Infinity) };
}

function valueText(value: unknown): string {
  if (typeof value === "number") return numberText(value);
  if (typeof value === "string" || typeof value === "boolean") return String(value);
  return "empty";
}

function numberText(value: number | null): string {
  return value === null ? "" : value.toLocaleString("en-US");
}

function documented(): Row[] {
  return readFileSync(`${docs}configuration.md`, "utf8")
    .split("\n")
    .flatMap((line) => {
      const [, key, byDefault, values] = /^\| `([^`]+)` *\| (.+?) *\| (.+?) *\| .+ \|$/.exec(line) ?? [];
      return key === undefined || byDefault === undefined || values === undefined
        ? []
        : [{ key, byDefault, values }];
    });
}

test("docs/configuration.md names every key with its default and its values, and no other", () => {
  const byKey = (a: Row, b: Row): number => (a.key < b.key ? -1 : 1);
  expect(documented().toSorted(byKey)).toEqual(rowsOf("", configSchema, "").toSorted(byKey));
});

test("docs/examples/kvorum.yaml can be used as it is, by each of its members", () => {
  const text = readFileSync(`${docs}examples/kvorum.yaml`, "utf8");
  for (const [id, name] of [
    [1, "apple"],
    [2, "pear"],
    [3, "plum"],
  ] as const) {
    const own = text.replace("self: apple", `self: ${name}`);
    const config = parseConfig({ source: "kvorum.yaml", text: own, baseDir: "/" });
    expect(config).toMatchObject({ self: id, dir: "/var/lib/kvorum", logLevel: "warn" });
    expect(config.listen.http.port).toBe(7500 + id);
    expect(config.topology.namespaces.map((namespace) => namespace.name)).toEqual(["default", "carts"]);
  }
});

test("every yaml in the documents and the README can be used", () => {
  const files = readdirSync(docs)
    .filter((name) => name.endsWith(".md"))
    .map((name) => `${docs}${name}`);
  const readme = `${docs}../README.md`;
  expect(existsSync(readme)).toBe(true);
  let used = 0;
  for (const file of [...files, readme]) {
    for (const [, text = ""] of readFileSync(file, "utf8").matchAll(/```yaml\n([^]*?)```/g)) {
      if (!text.includes("members:")) continue;
      parseConfig({ source: file, text, baseDir: "/" });
      used++;
    }
  }
  expect(used).toBeGreaterThan(0);
});
