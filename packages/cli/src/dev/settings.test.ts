import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { DevDirectory, writeWhole } from "./dev-directory.ts";
import { planMembers, portsOf } from "./member-plan.ts";
import { keepSettings, PORT_BASE_MAX, settle, type DevWishes } from "./settings.ts";

const folder = mkdtempSync(join(tmpdir(), "kvorum-dev-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let made = 0;
function directory(): DevDirectory {
  const created = new DevDirectory(join(folder, `dir-${made++}`));
  created.create();
  return created;
}

const nothing: DevWishes = {
  members: null,
  zones: null,
  namespaces: null,
  portBase: null,
  allowFlush: false,
};

describe("the settings of a local cluster", () => {
  test("are three members in three zones unless told otherwise, and never the same cluster twice", () => {
    const first = settle(directory(), nothing);
    expect(first).toMatchObject({ members: 3, zones: 3, namespaces: [], portBase: 7400 });
    expect(settle(directory(), nothing).cluster).not.toBe(first.cluster);
  });

  test("are found again", () => {
    const dir = directory();
    const wishes = {
      members: 5,
      zones: 2,
      namespaces: [{ name: "carts", policy: "siblings" as const }],
      portBase: 21_000,
      allowFlush: false,
    };
    const settings = settle(dir, wishes);
    keepSettings(dir, settings);
    expect(settle(dir, nothing)).toEqual(settings);
    expect(settle(dir, wishes)).toEqual(settings);
  });

  test("let FLUSHALL delete every key only while a start says so", () => {
    const dir = directory();
    const first = settle(dir, { ...nothing, allowFlush: true });
    keepSettings(dir, first);
    expect([first.allowFlush, settle(dir, nothing).allowFlush]).toEqual([true, false]);
    expect(settle(dir, { ...nothing, allowFlush: true })).toEqual(first);
  });

  test("are not changed by the way: what differs is named, with what to do", () => {
    const dir = directory();
    keepSettings(dir, settle(dir, nothing));
    expect(() => settle(dir, { ...nothing, members: 5, zones: 1 })).toThrow(
      /made otherwise: with --members 3, not 5; with --zones 3, not 1$/,
    );
    const more = { ...nothing, namespaces: [{ name: "carts", policy: "siblings" as const }] };
    expect(() => settle(dir, more)).toThrow("with --namespace (none), not carts:siblings");
    expect(() => settle(dir, { ...nothing, members: 3, zones: 3 })).not.toThrow();
  });

  test("let the ports move, for the data does not know them", () => {
    const dir = directory();
    const settings = settle(dir, nothing);
    keepSettings(dir, settings);
    const moved = settle(dir, { ...nothing, portBase: 8000 });
    expect(moved).toEqual({ ...settings, portBase: 8000 });
    keepSettings(dir, moved);
    expect(settle(dir, nothing).portBase).toBe(8000);
  });

  test("that are damaged or of a newer format are refused", () => {
    for (const text of ["", "{", "[]", '{"format":1}', '{"format":2}']) {
      const dir = directory();
      writeFileSync(dir.settingsFile, text);
      expect(() => settle(dir, nothing)).toThrow(dir.settingsFile);
    }
  });
});

describe("the directory", () => {
  test("that holds somebody's things is left alone, by --clean too", () => {
    const path = join(folder, "mine");
    mkdirSync(path);
    writeFileSync(join(path, "thesis.txt"), "");
    expect(() => new DevDirectory(path).create()).toThrow(/holds things.*thesis\.txt/);
    expect(() => new DevDirectory(path).clean()).toThrow(/thesis\.txt/);
    expect(readdirSync(path)).toEqual(["thesis.txt"]);
  });

  test("that is a file, or lies in one, is refused", () => {
    const path = join(folder, "file");
    writeFileSync(path, "");
    expect(() => new DevDirectory(path).create()).toThrow(`${path} is not a directory`);
    expect(() => new DevDirectory(join(path, "below")).create()).toThrow("is not a directory");
  });

  test("is emptied by --clean, except for the socket that we listen on", () => {
    const dir = directory();
    keepSettings(dir, settle(dir, nothing));
    mkdirSync(dir.dataDir("member-1"));
    writeFileSync(join(dir.dataDir("member-1"), "journal"), "x");
    writeFileSync(dir.controlSocket, "");
    dir.clean();
    expect(dir.holdsCluster()).toBe(false);
    expect(existsSync(dir.dataDir("member-1"))).toBe(false);
    expect(readdirSync(dir.root).sort()).toEqual(["config", "control.sock", "data", "log"]);
  });

  test("has its socket elsewhere when the path is too long for one, always at the same place", () => {
    const short = directory();
    expect(short.controlSocket).toBe(join(short.root, "control.sock"));
    const at = (length: number): DevDirectory => {
      const room = length - folder.length - 1 - "/control.sock".length;
      const dir = new DevDirectory(join(folder, "d".repeat(room)));
      dir.create();
      return dir;
    };
    for (const length of [102, 103]) expect(at(length).controlSocket).toHaveLength(length);
    const long = at(104);
    expect(long.controlSocket).toMatch(/kvorum-[0-9a-f]{16}\.sock$/);
    expect(new DevDirectory(long.root).controlSocket).toBe(long.controlSocket);
    expect(at(105).controlSocket).not.toBe(long.controlSocket);
  });

  test("a file is replaced as a whole", () => {
    const path = join(directory().root, "cluster.json");
    writeWhole(path, "old");
    writeWhole(path, "new");
    expect(readFileSync(path, "utf8")).toBe("new");
    expect(readdirSync(join(path, "..")).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});

describe("the members", () => {
  test("take zones in turn, a host each, and ports by their number", () => {
    const settings = {
      cluster: "c",
      members: 4,
      zones: 3,
      namespaces: [],
      portBase: 7400,
      allowFlush: false,
    };
    const plans = planMembers(settings);
    expect(plans.map(({ name, zone, host }) => [name, zone, host])).toEqual([
      ["member-1", "zone-1", "host-1"],
      ["member-2", "zone-2", "host-2"],
      ["member-3", "zone-3", "host-3"],
      ["member-4", "zone-1", "host-4"],
    ]);
    expect(plans[1] && portsOf(plans[1]).map(({ port }) => port)).toEqual([7402, 7502, 7602]);
  });

  test("at the most there are, at the highest base, still have ports of their own", () => {
    const plans = planMembers({
      cluster: "c",
      members: 99,
      zones: 3,
      namespaces: [],
      portBase: PORT_BASE_MAX,
      allowFlush: false,
    });
    const ports = plans.flatMap(portsOf).map(({ port }) => port);
    expect(new Set(ports).size).toBe(297);
    expect(Math.max(...ports)).toBe(65_535);
  });
});
