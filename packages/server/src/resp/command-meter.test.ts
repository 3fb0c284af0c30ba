import { expect, test } from "vitest";
import type { EventFields } from "@kvorum/core";
import { TurnClock } from "../observability/turn-clock.ts";
import { columnOfError, CommandMeter, NO_COMMAND_ROW } from "./command-meter.ts";
import { COMMANDS } from "./commands/table.ts";

function makeMeter(slowMs: number) {
  let nowMs = 0;
  let readings = 0;
  const told: EventFields[] = [];
  const meter = new CommandMeter(
    COMMANDS,
    { event: (_level, _name, _text, fields) => void told.push(fields), fatal: () => undefined },
    slowMs,
    new TurnClock(() => {
      readings++;
      return nowMs;
    }),
  );
  return { meter, told, pass: (ms: number) => (nowMs += ms), readings: () => readings };
}

const get = COMMANDS.find(Buffer.from("GET"))?.row ?? 0;
const set = COMMANDS.find(Buffer.from("set"))?.row ?? 0;

test("rows are of one command each, subcommands too", () => {
  const all = COMMANDS.commands.flatMap(({ row, subcommands }) => [
    row,
    ...(subcommands?.commands.map((inner) => inner.row) ?? []),
  ]);
  expect(new Set(all).size).toBe(all.length);
  expect(Math.min(...all)).toBeGreaterThan(NO_COMMAND_ROW);
});

test("any number of commands of a turn costs two readings", () => {
  const { meter, pass, readings } = makeMeter(0);
  const startedMs = Array.from({ length: 10_000 }, () => meter.clock.nowMs());
  meter.onTurnEnd();
  expect(readings()).toBe(1);
  pass(3);
  for (const each of startedMs.slice(0, 4_000)) meter.ended(get, 0, each);
  meter.onTurnEnd();
  expect(readings()).toBe(2);
  // More than fit are counted on the way.
  for (const each of startedMs.slice(4_000)) meter.ended(set, columnOfError("QUORUM too few"), each);
  meter.onTurnEnd();
  expect(meter.read()).toMatchObject([
    {
      command: "get",
      outcomes: [{ outcome: "OK", count: 4_000 }],
      latency: { count: 4_000, sumSeconds: 12 },
    },
    { command: "set", outcomes: [{ outcome: "QUORUM", count: 6_000 }] },
  ]);
});

test("errors count as what their first word says, and as ERR when that is a word of Redis", () => {
  const { meter } = makeMeter(0);
  for (const text of ["UNKNOWN 1 of 2", "TIMEOUT", "ERR no", "WRONGTYPE no", "NOAUTH", ""])
    meter.ended(NO_COMMAND_ROW, columnOfError(text), 0);
  meter.onTurnEnd();
  expect(meter.read()).toMatchObject([
    {
      command: "unknown",
      outcomes: [
        { outcome: "TIMEOUT", count: 1 },
        { outcome: "UNKNOWN", count: 1 },
        { outcome: "ERR", count: 4 },
      ],
    },
  ]);
});

test("what did not run is counted apart, and what is read is of one moment", () => {
  const { meter, pass } = makeMeter(0);
  meter.rejected(get);
  meter.ended(get, columnOfError("ERR no"), 0);
  pass(2);
  meter.ended(get, 0, 0);
  expect(meter.read()).toMatchObject([
    { command: "get", outcomes: [{ count: 1 }, { outcome: "ERR", count: 1 }], rejected: 1 },
  ]);
  meter.onTurnEnd();
  expect(meter.read()).toMatchObject([{ latency: { count: 2, sumSeconds: 0.004 }, rejected: 1 }]);
});

test("slow ones are told at the limit, once a second, with what they ended in", () => {
  const { meter, told, pass } = makeMeter(50);
  pass(49);
  meter.ended(get, 0, 0);
  meter.onTurnEnd();
  expect([meter.slow, told]).toEqual([0, []]);
  pass(1);
  for (let index = 0; index < 3; index++) meter.ended(get, columnOfError("TIMEOUT x"), 0);
  meter.onTurnEnd();
  expect(meter.slow).toBe(3);
  expect(told).toEqual([{ command: "get", tookMs: 50, outcome: "TIMEOUT", others: 0 }]);
  pass(1_000);
  meter.ended(set, 0, 0);
  meter.onTurnEnd();
  expect(told[1]).toEqual({ command: "set", tookMs: 1_050, outcome: "OK", others: 2 });
});
