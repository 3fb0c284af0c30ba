// Builds every package and checks the types of all tests and scripts. A compiler that builds in steps leaves the
// output of deleted files behind, and such a ghost still runs; so the ghosts go first.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "./house/sources.mjs";

/** @param {string} name */
function sweep(name) {
  const dist = join(root, "packages", name, "dist");
  if (!existsSync(dist)) return;
  for (const path of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
    const [, stem] = /^(.*?)(?:\.d\.ts|\.js)(?:\.map)?$/.exec(path) ?? [];
    if (stem === undefined) continue;
    if (!existsSync(join(root, "packages", name, "src", `${stem}.ts`))) rmSync(join(dist, path));
  }
}

for (const name of readdirSync(join(root, "packages"))) sweep(name);
const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
const { status } = spawnSync(process.execPath, [compiler, "-b"], { cwd: root, stdio: "inherit" });
process.exitCode = status ?? 1;
