#!/usr/bin/env node
// Plain JavaScript and committed, so that installing links it before anything is built.
import { existsSync } from "node:fs";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const entry = new URL("../dist/main.js", import.meta.url);

/** @param {string} message */
function refuse(message) {
  process.stderr.write(`kvorum: ${message}\n`);
  process.exit(2);
}

if (major < 20 || (major === 20 && minor < 19)) {
  refuse(`needs Node 20.19 or newer, and this is ${process.versions.node}`);
} else if (!existsSync(entry)) {
  refuse("is not built yet; run: npm run build");
} else {
  const program = /** @type {{ main(words: readonly string[]): unknown }} */ (await import(entry.href));
  const code = await program.main(process.argv.slice(2));
  if (typeof code === "number") process.exitCode = code;
}
