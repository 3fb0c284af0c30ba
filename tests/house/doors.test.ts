// Two nets over the same holes: the linter reads core's source, the guard watches it run. What one of them knows of the
// host, the other must know as well.
import { expect, it } from "vitest";
import { lintText } from "../../scripts/house/lint-config.mjs";
import { DOORS } from "../../packages/sim/src/world/doors.ts";

interface LintConfig {
  readonly overrides: readonly {
    readonly files: readonly string[];
    readonly rules: Readonly<Record<string, unknown>>;
  }[];
}

interface Restriction {
  readonly name?: string;
  readonly object?: string;
  readonly property?: string;
}

/** What core must not name, as the linter has it: `Date`, `Math.pow`, `*.localeCompare`. */
function linted(): string[] {
  const { overrides } = JSON.parse(lintText()) as LintConfig;
  const core = overrides.find(({ files }) => files.includes("packages/core/src/**/*.ts"));
  const restrictions = ["eslint/no-restricted-globals", "eslint/no-restricted-properties"].flatMap(
    (rule) => (core?.rules[rule] ?? []) as readonly (string | Restriction)[],
  );
  return restrictions.flatMap((one) => {
    if (typeof one === "string") return [];
    return one.name ?? `${one.object ?? "*"}.${one.property ?? ""}`;
  });
}

const doors = DOORS.flatMap(({ paths }) => paths.filter((path) => !path.endsWith("?")));

it("what the guard keeps closed, the linter forbids core to name", () => {
  const names = new Set(linted());
  const open = doors.filter((door) => {
    const steps = door.split(".");
    const last = steps.at(-1) ?? "";
    return !names.has(steps[0] ?? "") && !names.has(door) && !names.has(`*.${last}`);
  });
  expect(open).toEqual([]);
});

it("what the linter forbids because runs would differ, the guard keeps closed", () => {
  // These cannot tell two runs apart, or cannot be had at all without one of the others.
  const harmless = new Set(
    `SharedArrayBuffer console Buffer URL TextEncoder TextDecoder AbortController EventTarget structuredClone globalThis
     global window self navigator require eval Function escape unescape Worker`.split(/\s+/),
  );
  const closed = (name: string) =>
    doors.some(
      (door) => door === name || door.startsWith(`${name}.`) || door.endsWith(name.replace("*", "")),
    );
  expect(linted().filter((name) => !harmless.has(name) && !closed(name))).toEqual([]);
});
