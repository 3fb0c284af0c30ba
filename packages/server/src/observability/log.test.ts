import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Log, type LogOptions } from "./log.ts";

const folder = mkdtempSync(join(tmpdir(), "kvorum-log-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Line {
  level: string;
  time: string;
  member: string;
  event: string;
  msg: string;
  code?: string;
  peer?: number;
}

function written(
  level: LogOptions["level"],
  use: (log: Log) => void,
  onFatal: LogOptions["onFatal"] = () => {},
): Line[] {
  const path = join(folder, `${level}-${Math.random()}.log`);
  const file = openSync(path, "a");
  use(new Log({ member: "member-1", level, file, onFatal }));
  closeSync(file);
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Line);
}

test("an event is a line of JSON with its level, its name and its fields", () => {
  const [line] = written("warn", (log) => log.event("warn", "peer-down", "member-2 is down", { peer: 2 }));
  expect(line).toMatchObject({
    level: "warn",
    member: "member-1",
    event: "peer-down",
    msg: "member-2 is down",
    peer: 2,
  });
  expect(line?.time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
});

test("what is below the level is left out, but starting and stopping never", () => {
  const all = (log: Log): void => {
    for (const level of ["debug", "info", "warn", "error"] as const) log.event(level, level, "", {});
    log.lifecycle("ready", "", {});
  };
  expect(written("debug", all).map(({ event }) => event)).toEqual([
    "debug",
    "info",
    "warn",
    "error",
    "ready",
  ]);
  expect(written("warn", all).map(({ event }) => event)).toEqual(["warn", "error", "ready"]);
  expect(written("error", all).map(({ event }) => event)).toEqual(["error", "ready"]);
});

test("a fatal event is on disk before the process is ended", () => {
  const path = join(folder, "fatal.log");
  const file = openSync(path, "a");
  const seen: string[] = [];
  const log = new Log({
    member: "member-1",
    level: "error",
    file,
    onFatal: (code, text) => seen.push(code, text, readFileSync(path, "utf8")),
  });
  log.fatal("journal", "fsync failed");
  closeSync(file);
  expect(seen.slice(0, 2)).toEqual(["journal", "fsync failed"]);
  expect(JSON.parse(seen[2] ?? "") as Line).toMatchObject({
    level: "fatal",
    event: "fatal",
    code: "journal",
  });
});

test("a log that cannot be written stops nobody", () => {
  const full = openSync("/dev/full", "a");
  let fatal = 0;
  const log = new Log({ member: "member-1", level: "debug", file: full, onFatal: () => fatal++ });
  for (let i = 0; i < 100; i++) log.event("error", "any", "text", {});
  log.fatal("any", "text");
  closeSync(full);
  expect(fatal).toBe(1);
});
