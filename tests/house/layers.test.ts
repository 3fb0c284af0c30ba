import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { layerViolations, numberOfFolder, readLayers } from "../../scripts/house/layers.mjs";
import { lintText } from "../../scripts/house/lint-config.mjs";
import { read, root } from "../../scripts/house/sources.mjs";
import { withPlanted } from "./planted.ts";

function violationsIn(path: string, text: string): string[] {
  return withPlanted({ [path]: text }, layerViolations);
}

describe("layers", () => {
  it("imports point down", () => {
    expect(layerViolations()).toEqual([]);
  });

  it("every folder of core has a layer", () => {
    const folders = readdirSync(join(root, "packages/core/src"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .filter((folder) => folder !== "testing");
    const listed = numberOfFolder(readLayers());
    expect(folders.filter((folder) => !listed.has(folder))).toEqual([]);
  });

  it("every package is in the list", () => {
    expect(Object.keys(readLayers().packages).toSorted()).toEqual(
      readdirSync(join(root, "packages")).toSorted(),
    );
  });

  it("the lint configuration is the one that scripts/generate-lint.mjs writes", () => {
    expect(read(".oxlintrc.json")).toBe(lintText());
  });
});

describe("the layer check refuses", () => {
  it.each([
    ["a higher layer", "packages/core/src/base/a.ts", `import { b } from "../wire/b.ts";`],
    ["a sibling of the same layer", "packages/core/src/ring/a.ts", `import { b } from "../quorum/b.ts";`],
    ["a type of a higher layer", "packages/core/src/base/a.ts", `import type { B } from "../wire/b.ts";`],
    ["an inline type of a higher layer", "packages/core/src/base/a.ts", `type B = import("../wire/b.ts").B;`],
    ["an export from a higher layer", "packages/core/src/base/a.ts", `export { b } from "../wire/b.ts";`],
    ["a star from a higher layer", "packages/core/src/base/a.ts", `export * from "../wire/b.ts";`],
    ["a late import", "packages/core/src/base/a.ts", `export const b = import("../wire/b.ts");`],
    ["a higher layer in a test", "packages/core/src/base/a.test.ts", `import { b } from "../wire/b.ts";`],
    ["a deep detour", "packages/core/src/base/x/a.ts", `import { b } from "../../wire/b.ts";`],
    ["a folder without a layer", "packages/core/src/base/a.ts", `import { b } from "../utils/b.ts";`],
    ["the public index", "packages/core/src/base/a.ts", `import { b } from "../index.ts";`],
    ["the testing folder in code", "packages/core/src/base/a.ts", `import { b } from "../testing/b.ts";`],
    ["a module of the host", "packages/core/src/base/a.ts", `import { readFileSync } from "node:fs";`],
    ["a library in core", "packages/core/src/base/a.ts", `import { z } from "zod";`],
    ["server in core", "packages/core/src/base/a.ts", `import { b } from "@kvorum/server";`],
    ["server in sim", "packages/sim/src/a.ts", `import { b } from "@kvorum/server";`],
    ["cli in server", "packages/server/src/a.ts", `import { b } from "kvorum";`],
    ["sim in cli", "packages/cli/src/a.ts", `import { b } from "@kvorum/sim/world";`],
    ["a relative way into another package", "packages/cli/src/a.ts", `import "../../server/src/b.ts";`],
    ["a package's own name", "packages/server/src/a.ts", `import { b } from "@kvorum/server";`],
  ])("%s", (_what, path, text) => {
    expect(violationsIn(path, text)).toHaveLength(1);
  });

  it("and accepts what points down", () => {
    const text = `import { a } from "../base/a.ts";\nimport { b } from "./b.ts";\nexport const c = [a, b];\n`;
    expect(violationsIn("packages/core/src/wire/c.ts", text)).toEqual([]);
    expect(violationsIn("packages/core/src/index.ts", `export { c } from "./wire/c.ts";`)).toEqual([]);
    expect(violationsIn("packages/cli/src/a.ts", `import { b } from "@kvorum/server";`)).toEqual([]);
    expect(violationsIn("packages/core/src/base/a.test.ts", `import { b } from "../testing/b.ts";`)).toEqual(
      [],
    );
    expect(violationsIn("packages/core/src/testing/a.ts", `import { b } from "../wire/b.ts";`)).toEqual([]);
    expect(violationsIn("packages/core/src/base/a.test.ts", `import { it } from "vitest";`)).toEqual([]);
  });
});
