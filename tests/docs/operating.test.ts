// The page for operators knows every event, every code and the unit file: whoever adds one, adds it there.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, test } from "vitest";
import { OUTCOMES } from "@kvorum/core";
import { isCode, isTestCode, listFiles, read, root } from "../../scripts/house/sources.mjs";
import { isNode, parse, walk, type SyntaxNode } from "../../scripts/house/syntax.mjs";

const page = read("docs/operating.md");
const documented = new Set([...page.matchAll(/^\| (.+?) \|/gm)].flatMap(([, cell = ""]) => codesIn(cell)));

function codesIn(cell: string): string[] {
  return [...cell.matchAll(/`([A-Za-z_-]+)`/g)].map(([, name = ""]) => name);
}

/** Whoever tells an event, by the name of the function that is called. */
const tellers = /^#?(event|note|tell|lifecycle|fatal|fail)$/;
const levels = new Set(["debug", "info", "warn", "error"]);

function calleeName(node: SyntaxNode): string {
  const { callee } = node;
  const named = isNode(callee) && callee.type === "MemberExpression" ? callee["property"] : callee;
  return isNode(named) && typeof named["name"] === "string" ? named["name"] : "";
}

/** The words in kebab-case that are given to tellers; text for people has spaces. */
function toldIn(path: string, text: string): string[] {
  const found: string[] = [];
  for (const { node } of walk(parse(path, text).tree)) {
    if (node.type !== "CallExpression" || !tellers.test(calleeName(node))) continue;
    const args = node["arguments"];
    for (const arg of Array.isArray(args) ? args : []) {
      if (!isNode(arg)) continue;
      const literals = arg.type === "ConditionalExpression" ? [arg["consequent"], arg["alternate"]] : [arg];
      for (const literal of literals) {
        const value = isNode(literal) && literal.type === "Literal" ? literal["value"] : null;
        if (typeof value === "string" && /^[a-z]+(-[a-z]+)*$/.test(value) && !levels.has(value))
          found.push(value);
      }
    }
  }
  return found;
}

const sources = [...listFiles("packages/core/src"), ...listFiles("packages/server/src")].filter(
  (path) => isCode(path) && !isTestCode(path),
);

it("knows every event and every code with which a member stops", () => {
  const told = new Set(sources.flatMap((path) => toldIn(path, read(path))));
  expect([...told].filter((name) => !documented.has(name))).toEqual([]);
  // The net has meshes of the right size.
  for (const name of [
    "peer-refused",
    "clock-resumed",
    "journal-failed",
    "slow-request",
    "ready",
    "topology-changed",
  ])
    expect(told).toContain(name);
});

it("knows every outcome, and whether it is definite", () => {
  for (const [code, { definite }] of Object.entries(OUTCOMES)) {
    const row = new RegExp(`^\\| \`${code}\` +\\| (\\S+) +\\|`, "m").exec(page);
    expect([code, row?.[1]]).toEqual([code, definite ? "definite" : "**unknown**"]);
  }
});

it("knows why a member may not start", () => {
  const code = /(?:code: |StartRefusal\(|^ {2}\| )"([A-Z]+(?:_[A-Z]+)*)"/gm;
  const places = sources.filter((path) =>
    /storage\/(recovery-refusal|open-storage|rocks-\w+)\.ts$|member-process\.ts$/.test(path),
  );
  const codes = new Set(
    places.flatMap((path) => [...read(path).matchAll(code)].map(([, name = ""]) => name)),
  );
  expect(codes.size).toBeGreaterThan(8);
  codes.delete("UNKNOWN");
  expect([...codes].filter((name) => !documented.has(name))).toEqual([]);
});

it("links only to places that are there", () => {
  const anchors = new Set(
    [...page.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) => title.toLowerCase().replaceAll(" ", "-")),
  );
  const files = new Set(listFiles("docs"));
  for (const [, target = ""] of page.matchAll(/\]\(([^)]+)\)/g)) {
    const known = target.startsWith("#") ? anchors.has(target.slice(1)) : files.has(`docs/${target}`);
    expect([target, known]).toEqual([target, true]);
  }
});

const unit = read("docs/examples/kvorum.service");

test("the unit starts a member with options that the command has", () => {
  const [, line = ""] = /^ExecStart=(.+)$/m.exec(unit) ?? [];
  const [node, flag, launcher = "", verb = "", ...options] = line.split(" ");
  expect([node, flag, verb]).toEqual(["/usr/bin/node", "--max-semi-space-size=32", "start"]);
  expect(listFiles("packages/cli/bin")).toContain(launcher.replace("/opt/kvorum/", ""));
  const known = read("packages/cli/src/commands/start.ts");
  const given = options.filter((word) => word.startsWith("--"));
  expect(given).toEqual(["--config", "--dir"]);
  for (const option of given) expect(known).toContain(`"${option} <`);
  expect(unit).toMatch(/^Environment=UV_THREADPOOL_SIZE=8$/m);
  expect(unit).toMatch(/^Environment=MALLOC_ARENA_MAX=2$/m);
  expect(unit).toMatch(/^Restart=on-failure$/m);
  expect(Number(/^LimitNOFILE=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThan(20_000);
});

const analyzer = "systemd-analyze";
const systemd = spawnSync(analyzer, ["--version"]).status === 0;

test.skipIf(!systemd)("systemd finds nothing wrong with the unit", () => {
  const verify = (text: string): string => {
    const folder = mkdtempSync(join(tmpdir(), "kvorum-unit-"));
    const path = join(folder, "kvorum.service");
    writeFileSync(path, text.replace("/usr/bin/node", process.execPath).replace("/opt/kvorum", root));
    const { stdout, stderr, status } = spawnSync(analyzer, ["verify", path], { encoding: "utf8" });
    rmSync(folder, { recursive: true });
    // Units of the machine itself may have faults of their own.
    const ours = `${stdout}${stderr}`.split("\n").filter((line) => line.includes("kvorum"));
    return status === 0 ? ours.join("\n") : `status ${status}: ${ours.join("\n")}`;
  };
  expect(verify(unit)).toBe("");
  expect(verify(unit.replace("ProtectClock", "ProtectWatch"))).toContain("ProtectWatch");
});
