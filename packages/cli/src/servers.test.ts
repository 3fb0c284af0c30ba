import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Failure } from "./failure.ts";
import { serversToAsk } from "./servers.ts";

const folder = mkdtempSync(join(tmpdir(), "kvorum-servers-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function localCluster(name: string, text: string): string {
  const dir = join(folder, name);
  mkdirSync(dir);
  writeFileSync(join(dir, "dev.json"), text);
  return dir;
}

const usual = ["127.0.0.1:7401", "127.0.0.1:7400"];
const nowhere = join(folder, "nowhere");

describe("which servers are asked", () => {
  test("what is named, and nothing else", () => {
    const env = { KVORUM_SERVER: "127.0.0.1:2" };
    expect(serversToAsk({ server: "127.0.0.1:1", dir: nowhere, env })).toEqual(["127.0.0.1:1"]);
    expect(serversToAsk({ server: null, dir: nowhere, env })).toEqual(["127.0.0.1:2"]);
  });

  test("else the members of the local cluster, then the usual places, each once", () => {
    const members = [7402, 7401].map((port) => ({
      resp: `127.0.0.1:${port}`,
      peer: `127.0.0.1:${port + 200}`,
    }));
    const dir = localCluster("some", JSON.stringify({ pid: 1, control: "x", members }));
    expect(serversToAsk({ server: null, dir, env: {} })).toEqual(["127.0.0.1:7402", ...usual]);
    expect(serversToAsk({ server: null, dir: nowhere, env: {} })).toEqual(usual);
    expect(serversToAsk({ server: null, dir: nowhere, env: { KVORUM_SERVER: "" } })).toEqual(usual);
  });

  test("what is no address is named together with where it came from", () => {
    expect(() => serversToAsk({ server: "7401", dir: nowhere, env: {} })).toThrow(
      "--server takes HOST:PORT such as 127.0.0.1:7401, not 7401",
    );
    expect(() => serversToAsk({ server: null, dir: nowhere, env: { KVORUM_SERVER: "x" } })).toThrow(
      "KVORUM_SERVER takes",
    );
  });

  test("a damaged dev.json is named", () => {
    for (const [name, text] of [
      ["half", '{"pid": 1'],
      ["other", "[]"],
      ["lacking", '{"pid":1,"control":"x","members":[{}]}'],
    ] as const) {
      const dir = localCluster(name, text);
      expect(() => serversToAsk({ server: null, dir, env: {} })).toThrow(Failure);
      expect(() => serversToAsk({ server: null, dir, env: {} })).toThrow(join(dir, "dev.json"));
    }
  });
});
