/** Reads the configuration file of a member. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { ConfigError, type MemberConfig } from "./member-config.ts";
import { parseConfig } from "./parse-config.ts";

/** Far above what a thousand members take, far below what could hurt. */
const CONFIG_BYTES_MAX = 1024 * 1024;

/** `dir`, as given on the command line, comes before the file's own. Throws `ConfigError`. */
export function loadConfig(path: string, dir: string | null): MemberConfig {
  const text = readText(path);
  const input = { source: path, text, baseDir: dirname(resolve(path)) };
  return parseConfig(dir === null ? input : { ...input, dir: resolve(dir) });
}

function readText(path: string): string {
  const refuse = (text: string): never => {
    throw new ConfigError(path, [{ path: "", line: null, text }]);
  };
  let bytes: Uint8Array;
  try {
    // Without O_NONBLOCK, opening a named pipe would wait for its writer.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = fstatSync(file);
      if (stats.isDirectory()) return refuse("is a directory; name the file in it, such as kvorum.yaml");
      if (!stats.isFile()) return refuse("is not a regular file");
      if (stats.size > CONFIG_BYTES_MAX) return refuse("is larger than 1 MiB; is this the configuration?");
      bytes = readFileSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    return refuse(unreadableText(error));
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return refuse("is not UTF-8 text; is this the configuration?");
  }
}

function unreadableText(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "ENOENT") return "does not exist; give the path of kvorum.yaml as --config";
  if (code === "EACCES" || code === "EPERM") return "may not be read by this user; check its permissions";
  return `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
}
