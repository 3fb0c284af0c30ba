import { describe, expect, it } from "vitest";
import { listFiles, read } from "../../scripts/house/sources.mjs";
import { allShapeFaults, shapeFaults } from "./shape.ts";

describe("shape", () => {
  it("source files are named, export and import as the house does, and core is pure", () => {
    expect(allShapeFaults()).toEqual([]);
  });

  it("the lock file records no addresses", () => {
    expect(read("package-lock.json")).not.toMatch(/"resolved": "\w+:/);
  });

  it("dependencies are exact", () => {
    const ranges = /: "(\^|~|>|<|\*|latest)[^"]*"/;
    for (const path of listFiles().filter((file) => /^(packages\/[^/]+\/)?package\.json$/.test(file))) {
      expect(read(path).replace(/"node": "[^"]*"/, "")).not.toMatch(ranges);
    }
  });
});

describe("the shape check refuses", () => {
  it.each([
    ["packages/server/src/BadName.ts", "export const a = 1;"],
    ["packages/server/src/bad_name.ts", "export const a = 1;"],
    ["packages/server/src/http/index.ts", "export const a = 1;"],
    ["packages/server/src/a.ts", "export default 1;"],
    ["packages/server/src/a.ts", `export { b } from "./b.ts";`],
    ["packages/server/src/a.ts", `export * from "./b.ts";`],
    ["packages/server/src/a.ts", `import { b } from "./b.js";`],
    ["packages/server/src/a.ts", `import { b } from "./b";`],
    ["packages/server/src/a.ts", "export const a = 1 as any;"],
    ["packages/core/src/base/a.ts", "export const a = async () => 1;"],
    ["packages/core/src/base/a.ts", "export class A { async a() {} }"],
    ["packages/core/src/base/a.ts", "await 1;"],
    ["packages/core/src/base/a.ts", "export type A = Promise<number>;"],
    ["packages/core/src/base/a.ts", "export const a = Promise.resolve();"],
    ["packages/core/src/base/a.ts", "export const a = (x: number) => x ** 2;"],
  ])("%s: %s", (path, text) => {
    expect(shapeFaults(path, text)).toHaveLength(1);
  });

  it("and accepts what is allowed", () => {
    expect(shapeFaults("packages/core/src/index.ts", `export { a } from "./base/a.ts";`)).toEqual([]);
    expect(
      shapeFaults("packages/core/src/base/a.ts", "// no Promise, no await\nexport const a = 2 ** -53;"),
    ).toEqual([]);
    expect(shapeFaults("packages/core/src/base/a.test.ts", "await Promise.resolve();")).toEqual([]);
    expect(shapeFaults("packages/core/src/base/a.prop.test.ts", "const a = 1;")).toEqual([]);
  });
});
