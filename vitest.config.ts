import { defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";

// Tests read the packages' sources, never a dist that may be stale. Real processes run the built command, one file
// at a time and after everything else, so that nothing competes with their timing. Soak tests take hours and run
// only when asked for (scripts/soak.mjs). Nothing is ever retried: a test that fails once has found something.
const conditions = ["@kvorum/source", ...defaultServerConditions];
const notOurs = ["**/node_modules/**", "**/dist/**"];

/** The test files with this ending, beside the code and in tests/. */
function files(ending: string): string[] {
  return [`packages/*/src/**/*${ending}`, `tests/**/*${ending}`];
}

function project(name: string, include: string[], exclude: string[], timeoutMs: number, groupOrder: number) {
  return {
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      name,
      environment: "node",
      include,
      exclude: [...notOurs, ...exclude],
      setupFiles: ["tests/house/properties.ts"],
      testTimeout: timeoutMs,
      hookTimeout: timeoutMs,
      retry: 0,
      fileParallelism: groupOrder === 0,
      sequence: { groupOrder },
    },
  };
}

const daily = [
  project("unit", files(".test.ts"), files(".{process,soak}.test.ts"), 30_000, 0),
  project("processes", files(".process.test.ts"), [], 120_000, 1),
];
const soak = [project("soak", files(".soak.test.ts"), [], 0, 1)];

export default defineConfig({
  test: { projects: process.env["KVORUM_SOAK"] === "1" ? soak : daily },
});
