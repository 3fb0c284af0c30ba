// `npm test`: the gates, then every test. Each gate and each test counts as one, and the last line is always the sum.
//   npm test                        everything
//   npm test -- --only core         build, then only the tests whose path contains "core"
//   npm test -- --only core -t put  further words go to vitest as they are
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./house/sources.mjs";

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

const tools = join(root, "node_modules");
const build = { name: "build", script: join(root, "scripts", "build.mjs"), words: [] };
const gates = [
  { name: "oxlint", script: join(tools, "oxlint", "bin", "oxlint"), words: [] },
  { name: "prettier", script: join(tools, "prettier", "bin", "prettier.cjs"), words: ["--check", "."] },
  { name: "knip", script: join(tools, "knip", "bin", "knip.js"), words: [] },
];

/**
 * Runs a script of Node; its output is kept if `kept`, else it goes straight to ours.
 * @param {string} script @param {readonly string[]} words @param {boolean} kept @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ status: number, output: string }>}
 */
function run(script, words, kept, env = process.env) {
  return new Promise((resolve) => {
    const stdio = kept ? "pipe" : "inherit";
    const child = spawn(process.execPath, [script, ...words], {
      cwd: root,
      env,
      stdio: ["ignore", stdio, stdio],
    });
    /** @type {Buffer[]} */
    const chunks = [];
    /** @param {Buffer} chunk */
    const keep = (chunk) => void chunks.push(chunk);
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    child.on("error", (error) => resolve({ status: 1, output: String(error) }));
    child.on("close", (status) => resolve({ status: status ?? 1, output: Buffer.concat(chunks).toString() }));
  });
}

/** @param {{ name: string, script: string, words: readonly string[] }} gate @param {Counts} counts */
async function runGate({ name, script, words }, counts) {
  const startMs = Date.now();
  const { status, output } = await run(script, words, true);
  const seconds = ((Date.now() - startMs) / 1000).toFixed(1);
  if (status === 0) counts.passed += 1;
  else counts.failed += 1;
  console.log(`${status === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
  if (status !== 0) console.log(output.trimEnd());
}

/** @param {string} path @returns {Counts | null} */
function readCounts(path) {
  try {
    /** @type {unknown} */
    const counts = JSON.parse(readFileSync(path, "utf8"));
    return /** @type {Counts} */ (counts);
  } catch {
    return null; // vitest died before its reporter could write
  }
}

/** @param {readonly string[]} words @param {Counts} counts @returns {Promise<boolean>} whether any test passed */
async function runTests(words, counts) {
  const folder = mkdtempSync(join(tmpdir(), "kvorum-test-"));
  const path = join(folder, "counts.json");
  const reporter = join(root, "scripts", "house", "count-reporter.mjs");
  const vitest = join(tools, "vitest", "vitest.mjs");
  const allWords = ["run", "--reporter=default", `--reporter=${reporter}`, ...words];
  const { status } = await run(vitest, allWords, false, { ...process.env, KVORUM_TEST_COUNTS: path });
  const found = readCounts(path);
  rmSync(folder, { recursive: true, force: true });
  const tests = found ?? { passed: 0, failed: 0, skipped: 0 };
  const ranNothing = tests.passed + tests.failed === 0;
  if (ranNothing) console.log("FAILED vitest ran no test");
  // A crash that no test answers for is a failure of its own.
  if (tests.failed === 0 && (status !== 0 || found === null || ranNothing)) tests.failed = 1;
  counts.passed += tests.passed;
  counts.failed += tests.failed;
  counts.skipped += tests.skipped;
  return tests.passed > 0;
}

/** @param {string[]} words */
async function main(words) {
  /** @type {Counts} */
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const only = words.indexOf("--only");
  const forVitest = words.filter((_, index) => index !== only);
  try {
    for (const gate of only >= 0 ? [build] : [build, ...gates]) await runGate(gate, counts);
    const anyPassed = await runTests(forVitest, counts);
    process.exitCode = counts.failed === 0 && anyPassed ? 0 : 1;
  } catch (error) {
    console.log(error);
    counts.failed += 1;
    process.exitCode = 1;
  }
  if (counts.skipped > 0) console.log(`${counts.skipped} left out, for want of a program that they need`);
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
}

await main(process.argv.slice(2));
