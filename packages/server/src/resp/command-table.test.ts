import { expect, test } from "vitest";
import { CommandTable, isWord } from "./command-table.ts";
import { COMMANDS } from "./commands/table.ts";

function find(table: CommandTable, name: string): string | null {
  return table.find(Buffer.from(name, "latin1"))?.name ?? null;
}

test("every command is found by its name, in any case", () => {
  for (const { name, subcommands } of COMMANDS.commands) {
    expect(find(COMMANDS, name)).toBe(name);
    expect(find(COMMANDS, name.toUpperCase())).toBe(name);
    for (const sub of subcommands?.commands ?? []) {
      expect(find(subcommands ?? COMMANDS, sub.name.slice(name.length + 1).toUpperCase())).toBe(sub.name);
    }
  }
});

test.each(["", "ge", "gett", "get ", "kv\x0eget", "\x07et", "g".repeat(100_000), "GET\0", "sets"])(
  "%j is none",
  (name) => {
    expect(find(COMMANDS, name)).toBeNull();
  },
);

test("a name that is given twice is refused", () => {
  const [first] = COMMANDS.commands;
  if (first === undefined) throw new Error("there are commands");
  expect(() => new CommandTable([first, first])).toThrow("a command is named once");
});

test("words are compared without regard to case, and letters only", () => {
  expect(isWord(Buffer.from("QuoRum"), "quorum")).toBe(true);
  expect(isWord(Buffer.from("quorums"), "quorum")).toBe(false);
  expect(isWord(Buffer.from("q\x15orum"), "quorum")).toBe(false);
});

test("every command that touches keys says which", () => {
  const ofAllKeys = ["dbsize", "flushall", "flushdb", "keys", "kv.conflicts", "randomkey", "scan"];
  for (const { name, effect, firstKey, step } of COMMANDS.commands) {
    const touchesKeys = effect !== "none" && !ofAllKeys.includes(name);
    expect([name, firstKey > 0 && step > 0]).toEqual([name, touchesKeys]);
  }
});
