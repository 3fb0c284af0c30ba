// `npm run soak -- [--rounds N] [--minutes M] [path…]`: builds, then runs the *.soak.test.ts files, which read their
// sizes from KVORUM_SOAK_ROUNDS and KVORUM_SOAK_MINUTES. Hours and seeds are theirs; nothing here times out.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "./house/sources.mjs";

/** @param {string} name @param {string | undefined} text */
function positive(name, text) {
  if (text === undefined) return {};
  if (!/^[1-9][0-9]{0,8}$/.test(text))
    throw new Error(`--${name} takes a whole number above 0, not "${text}"`);
  return { [`KVORUM_SOAK_${name.toUpperCase()}`]: text };
}

/** @param {string} script @param {readonly string[]} words @param {NodeJS.ProcessEnv} env */
function run(script, words, env) {
  const { status } = spawnSync(process.execPath, [join(root, script), ...words], {
    cwd: root,
    env,
    stdio: "inherit",
  });
  if (status !== 0) process.exit(status ?? 1);
}

const { values, positionals } = parseArgs({
  options: { rounds: { type: "string" }, minutes: { type: "string" } },
  allowPositionals: true,
});
const sizes = { ...positive("rounds", values.rounds), ...positive("minutes", values.minutes) };
const env = { ...process.env, ...sizes, KVORUM_SOAK: "1" };
run("scripts/build.mjs", [], env);
run("node_modules/vitest/vitest.mjs", ["run", ...positionals], env);
