/** docs/resp.md is true: every offered command is in it. Every example of it and of other pages is run as it stands there. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LocalCluster } from "./cluster.fixture.ts";
import { RawConnection, readReply, request, type Reply } from "./raw-replies.fixture.ts";

function page(name: string): string {
  return readFileSync(fileURLToPath(new URL(`../../docs/${name}.md`, import.meta.url)), "utf8");
}

const text = page("resp");

interface Example {
  readonly words: readonly string[];
  readonly reply: Reply;
}

/** `> command`, then JSON, in fences marked `resp`. */
function examples(): Example[] {
  const fences = [...`${text}\n${page("conditional-writes")}`.matchAll(/^```resp\n(.*?)^```$/gms)].map(
    ([, inside = ""]) => inside,
  );
  return fences.flatMap((inside) =>
    inside
      .split(/^> /m)
      .filter((part) => part !== "")
      .map((part) => {
        const lineEnd = part.indexOf("\n");
        const reply = JSON.parse(part.slice(lineEnd)) as Reply;
        return { words: part.slice(0, lineEnd).split(" "), reply };
      }),
  );
}

/** The reply with numbers, and texts written as `…`, made equal to the example's where only they may differ. */
function shaped(reply: Reply, example: Reply): Reply {
  if (typeof reply === "string") return example === "…" ? "…" : reply;
  if (typeof reply === "number" && typeof example === "number") return example;
  if (Array.isArray(reply)) {
    const kinds = Array.isArray(example) ? example : [];
    const [first] = kinds;
    if (typeof first === "number" || first === "…")
      return reply.every((each) => typeof each === typeof first) && reply.length > 0 ? example : reply;
    return reply.map((each, i) => shaped(each, kinds[i] ?? null));
  }
  if (typeof reply !== "object" || reply === null) return reply;
  const fields = typeof example === "object" && example !== null && !Array.isArray(example) ? example : {};
  return Object.fromEntries(
    Object.entries(reply).map(([name, value]) => [name, shaped(value, fields[name] ?? null)]),
  );
}

function contextOf(reply: Reply): string {
  if (typeof reply !== "object" || reply === null || Array.isArray(reply)) return "";
  const { context = "" } = reply;
  return typeof context === "string" ? context : "";
}

let cluster: LocalCluster;
beforeAll(async () => {
  cluster = await LocalCluster.start(29_000);
}, 120_000);
afterAll(() => cluster.dispose(), 120_000);

test("every offered command has its row", async () => {
  const client = cluster.client(1);
  await new Promise((resolve) => client.once("ready", resolve));
  const names = (await client.call("COMMAND", "LIST")) as string[];
  const shown = (name: string): string => name.replace("|", " ").toUpperCase();
  const rows = text.split("\n").filter((line) => /^(\| `|### KV\.)/.test(line));
  const said = rows.flatMap((row) => {
    const [cell = ""] = row.split(/(?<!\\)\|/).filter((part) => part !== "");
    return cell.startsWith("#")
      ? [cell.slice(4)]
      : [...cell.matchAll(/`([^`]+)`/g)].map(([, word = ""]) => word);
  });
  const isThere = (name: string): boolean =>
    said.some((words) => words === name || words.startsWith(`${name} `));
  expect(names.length).toBeGreaterThan(60);
  expect(names.map(shown).filter((name) => !isThere(name))).toEqual([]);
});

test("every example answers as it says", async () => {
  const connection = await RawConnection.open(cluster.port(1));
  await connection.ask(request(["hello", "3"]));
  let context = "";
  const all = examples();
  expect(all.length).toBeGreaterThan(10);
  for (const { words, reply: example } of all) {
    const said = words.map((word) => (word === "$context" ? context : word));
    const raw = await connection.ask(request(said));
    // Of an error its first word.
    const [, error = ""] = /^-([A-Z]+) /.exec(raw) ?? [];
    const reply = error === "" ? readReply(raw) : { error };
    // As text, for the order of names counts too.
    expect({ words, reply: JSON.stringify(shaped(reply, example), null, 1) }).toEqual({
      words,
      reply: JSON.stringify(example, null, 1),
    });
    if (context === "") context = contextOf(reply);
  }
  connection.close();
});
