import { type EngineUser, type FileUser, Prng } from "@kvorum/core";
import { expect, test } from "vitest";
import { SimDisk } from "./disk.ts";
import { EventLog } from "./event-log.ts";
import type { Host } from "./host.ts";
import { Scheduler } from "./scheduler.ts";

/** A process that uses a disk: every call waits for its answer unless told otherwise. */
class DiskUser implements Host, FileUser, EngineUser {
  readonly member = 1;
  isAlive = true;
  readonly answers: string[] = [];
  lastResult = 0;
  rows: (Uint8Array | null)[] = [];

  get links(): never {
    throw new Error("a disk needs no links");
  }

  admits(): boolean {
    return this.isAlive;
  }

  onFile(_tag: number, error: { readonly code: string } | null, result: number): void {
    this.answers.push(error === null ? "ok" : error.code);
    this.lastResult = result;
  }

  onNames(): void {
    this.answers.push("names");
  }

  onEngine(): void {
    this.answers.push("engine");
  }

  onRows(_tag: number, _error: unknown, _keys: unknown, values: readonly (Uint8Array | null)[]): void {
    this.rows = [...values];
  }
}

function machine(seed = 1) {
  const root = new Prng(seed);
  const scheduler = new Scheduler(root.fork("schedule"));
  const disk = new SimDisk(1, scheduler, root.fork("disk"), new EventLog(null), {
    writeUs: 10,
    syncUs: 100,
    readUs: 10,
  });
  const pass = (ms: number) => scheduler.run(scheduler.nowUs + ms * 1000, null);
  const boot = () => {
    const user = new DiskUser();
    const { files, engine } = disk.mount(user);
    const open = (mode: "create" | "read" | "append") => {
      files.open("a.log", mode, user, 0);
      pass(10);
      return user.lastResult;
    };
    const size = () => {
      const file = open("read");
      if (file < 0) return -1;
      files.size(file, user, 0);
      pass(10);
      return user.lastResult;
    };
    return { user, files, engine, open, size };
  };
  return { disk, pass, boot };
}

const bytes = new Uint8Array([1, 2, 3]);

test("what is not synced survives a kill and not the power cut that comes later", () => {
  const { disk, pass, boot } = machine();
  const first = boot();
  const file = first.open("create");
  first.files.syncDirectory(first.user, 0);
  first.files.write(file, bytes, 3, first.user, 0);
  pass(10);
  first.user.isAlive = false;
  disk.afterKill();
  const second = boot();
  expect(second.size()).toBe(3);
  second.user.isAlive = false;
  disk.afterPowerCut("everything");
  expect(boot().size()).toBe(0);
});

test("what is synced survives everything; a call that the process did not hear of may have taken effect", () => {
  let tookEffect = 0;
  for (let seed = 1; seed <= 30; seed++) {
    const { disk, pass, boot } = machine(seed);
    const { user, files, open } = boot();
    const file = open("create");
    files.syncDirectory(user, 0);
    files.write(file, bytes, 3, user, 0);
    pass(10);
    files.datasync(file, user, 0);
    pass(10);
    files.write(file, bytes, 3, user, 0);
    user.isAlive = false;
    const before = user.answers.length;
    disk.afterKill();
    pass(10);
    expect(user.answers).toHaveLength(before);
    const size = boot().size();
    if (size === 6) tookEffect++;
    else expect(size).toBe(3);
    disk.afterPowerCut("everything");
    expect(boot().size()).toBe(3);
  }
  expect(tookEffect).toBeGreaterThan(5);
  expect(tookEffect).toBeLessThan(25);
});

test("a datasync can be held back, can fail once, and does nothing for the power cut then", () => {
  const { disk, pass, boot } = machine();
  const { user, files, open } = boot();
  const file = open("create");
  files.syncDirectory(user, 0);
  files.write(file, bytes, 3, user, 0);
  pass(10);
  user.answers.length = 0;
  disk.holdSyncs(true);
  files.datasync(file, user, 0);
  pass(1000);
  expect(user.answers).toEqual([]);
  disk.failNext("datasync");
  disk.holdSyncs(false);
  pass(1);
  expect(user.answers).toEqual(["EIO"]);
  files.datasync(file, user, 0);
  pass(10);
  expect(user.answers).toEqual(["EIO", "ok"]);
  user.isAlive = false;
  disk.afterPowerCut("everything");
  expect(boot().size()).toBe(0);
});

test("the engine keeps what it was given over a kill, and what was flushed over a power cut", () => {
  const { disk, pass, boot } = machine();
  const first = boot();
  first.engine.write([bytes], [bytes], first.user, 0);
  pass(10);
  first.engine.flush(first.user, 0);
  pass(10);
  const later = new Uint8Array([9]);
  first.engine.write([later], [later], first.user, 0);
  first.user.isAlive = false;
  disk.afterKill();
  const held = () => {
    const { user, engine } = boot();
    engine.getMany([bytes, later], user, 0);
    pass(10);
    return user.rows.map((row) => row !== null);
  };
  expect(held()).toEqual([true, true]);
  disk.afterPowerCut("everything");
  expect(held()).toEqual([true, false]);
});
