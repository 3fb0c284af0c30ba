// A reporter of vitest that writes how many tests passed and failed, for scripts/test.mjs to add up.
import { writeFileSync } from "node:fs";

/**
 * @typedef {import("vitest/node").TestModule} TestModule
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 */

/** @param {TestModule} module @param {Counts} counts */
function addModule(module, counts) {
  counts.failed += module.errors().length;
  for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
  for (const test of module.children.allTests()) {
    const { state } = test.result();
    if (state === "passed") counts.passed += 1;
    else if (state === "skipped") counts.skipped += 1;
    else counts.failed += 1; // failed, or never came to an end
  }
}

export default class CountReporter {
  /** @param {readonly TestModule[]} modules @param {readonly unknown[]} unhandledErrors */
  onTestRunEnd(modules, unhandledErrors) {
    const path = process.env["KVORUM_TEST_COUNTS"];
    if (path === undefined) return;
    /** @type {Counts} */
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) addModule(module, counts);
    writeFileSync(path, JSON.stringify(counts));
  }
}
