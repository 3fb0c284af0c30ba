import { chmodSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { loadConfig } from "./load-config.ts";

const folder = mkdtempSync(join(tmpdir(), "kvorum-config-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const good = `cluster: c\nmembers:\n  - { id: 1, name: a, host: h, peer: "[::1]:1", resp: "[::1]:2", http: "[::1]:3" }\n`;

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

test("a file is read, and its directory is where relative paths start", () => {
  expect(loadConfig(file("good.yaml", `${good}dir: data\n`), null).dir).toBe(join(folder, "data"));
  expect(loadConfig(file("good.yaml", good), join(folder, "other")).dir).toBe(join(folder, "other"));
});

test("a byte order mark does no harm", () => {
  expect(loadConfig(file("bom.yaml", `\uFEFF${good}`), folder).self).toBe(1);
});

describe("what cannot be read is refused with the path and the reason", () => {
  test("a file that is not there", () => {
    const path = join(folder, "absent.yaml");
    expect(() => loadConfig(path, folder)).toThrow(
      `${path}: does not exist; give the path of kvorum.yaml as --config`,
    );
  });

  test("a directory", () => {
    const path = join(folder, "directory");
    mkdirSync(path);
    expect(() => loadConfig(path, folder)).toThrow(
      `${path}: is a directory; name the file in it, such as kvorum.yaml`,
    );
  });

  test("an empty file", () => {
    const path = file("empty.yaml", "");
    expect(() => loadConfig(path, folder)).toThrow(
      `${path}: is empty; name the cluster and list its members`,
    );
  });

  test("bytes that are no text", () => {
    const path = file("bytes.yaml", Uint8Array.of(0x63, 0xff, 0xfe, 0x00));
    expect(() => loadConfig(path, folder)).toThrow(`${path}: is not UTF-8 text; is this the configuration?`);
  });

  test("a named pipe, without waiting for it", () => {
    const path = join(folder, "pipe");
    expect(spawnSync("/bin/sh", ["-c", 'mkfifo "$1"', "sh", path]).status).toBe(0);
    expect(() => loadConfig(path, folder)).toThrow(`${path}: is not a regular file`);
  });

  test("a file of one byte more than a mebibyte, but not of one byte less or exactly so many", () => {
    const path = file("large.yaml", `${good}#`);
    for (const size of [1024 * 1024 - 1, 1024 * 1024]) {
      writeFileSync(path, `${good}#${"x".repeat(size - good.length - 1)}`);
      expect(loadConfig(path, folder).self).toBe(1);
    }
    truncateSync(path, 1024 * 1024 + 1);
    expect(() => loadConfig(path, folder)).toThrow(
      `${path}: is larger than 1 MiB; is this the configuration?`,
    );
  });

  test("a file without the permission", () => {
    const path = file("secret.yaml", good);
    chmodSync(path, 0o000);
    // The superuser may read everything, so it asks as nobody.
    const superuser = process.geteuid?.() === 0;
    if (superuser) process.seteuid?.(65_534);
    try {
      expect(() => loadConfig(path, folder)).toThrow(
        `${path}: may not be read by this user; check its permissions`,
      );
    } finally {
      if (superuser) process.seteuid?.(0);
    }
  });
});
