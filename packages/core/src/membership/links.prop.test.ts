import fc from "fast-check";
import { expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../config/limits.ts";
import { encodeRead } from "../wire/encode.ts";
import { World } from "./world.fixture.ts";
import { topologyOf } from "./topology.fixture.ts";

const IDS = [1, 2, 3];
const topology = topologyOf(IDS);
/** Long enough for what is silent to be given up, called again and agreed upon. */
const CALM_MS =
  12 * DEFAULT_LIMITS.suspectAfterMs + 2 * DEFAULT_LIMITS.redialMsMax + DEFAULT_LIMITS.handshakeMsMax;

const pairOfIds = fc.constantFrom<readonly [number, number]>([1, 2], [2, 1], [1, 3], [3, 1], [2, 3], [3, 2]);
const fault = fc.oneof(
  fc.record({ kind: fc.constant("cut" as const), pair: pairOfIds, ms: fc.nat(8000) }),
  fc.record({ kind: fc.constant("stall" as const), id: fc.constantFrom(...IDS), ms: fc.nat(8000) }),
  fc.record({ kind: fc.constant("restart" as const), id: fc.constantFrom(...IDS), ms: fc.nat(3000) }),
  fc.record({ kind: fc.constant("powerOff" as const), id: fc.constantFrom(...IDS), ms: fc.nat(3000) }),
  fc.record({
    kind: fc.constant("damage" as const),
    every: fc.integer({ min: 1, max: 2000 }),
    ms: fc.nat(3000),
  }),
);

function start(world: World, id: number): void {
  world.start(id, { topology });
}

/** Everybody talks to everybody, so that faults meet frames under way. */
function chatter(world: World, untilMs: number): void {
  for (const member of world.members.values()) {
    member.input((links) => {
      expect(links).toBe(member.links);
      for (const id of IDS) {
        const writer = member.links.writer(id, id % 2 === 0 ? "bulk" : "foreground");
        if (writer !== null) encodeRead(writer, id, 1, true, new Uint8Array(60));
      }
    });
  }
  if (world.nowMs < untilMs) world.at(world.nowMs + 97, () => chatter(world, untilMs));
}

function inject(
  world: World,
  { kind, ms, ...rest }: typeof fault extends fc.Arbitrary<infer F> ? F : never,
): void {
  const endMs = world.nowMs + ms;
  if (kind === "cut" && "pair" in rest) {
    const [a, b] = rest.pair;
    world.cut(a, b);
    world.at(endMs, () => world.heal(a, b));
  } else if (kind === "stall" && "id" in rest) {
    world.members.get(rest.id)?.stall(ms);
  } else if ("id" in rest) {
    const { id } = rest;
    const member = world.members.get(id);
    if (member === undefined) return;
    if (kind === "restart") member.crash();
    else member.powerOff();
    world.at(endMs, () => start(world, id));
  } else if ("every" in rest) {
    world.damage = (bytes) => {
      if (world.random.below(rest.every) < bytes.length) bytes[world.random.below(bytes.length)] = 0x5a;
    };
    world.at(endMs, () => {
      world.damage = null;
    });
  }
}

test("whatever happens to links and members, calm brings all of them together again", () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.array(fc.tuple(fault, fc.nat(3000)), { minLength: 1, maxLength: 6 }),
      (seed, faults) => {
        const world = new World(seed);
        for (const id of IDS) start(world, id);
        world.run(500);
        chatter(world, world.nowMs + 10_000);
        for (const [what, waitMs] of faults) {
          inject(world, what);
          world.run(waitMs);
        }
        world.run(8000);
        world.run(CALM_MS);
        for (const member of world.members.values()) {
          for (const id of IDS) if (id !== member.id) expect(member.links.state(id)).toBe("up");
          expect(member.transport.ends.size).toBe(4);
          expect(member.told.filter(({ level }) => level === "fatal")).toEqual([]);
          expect(member.recorder.messages.every(({ name }) => name === "read")).toBe(true);
        }
        expect(world.members.size).toBe(IDS.length);
      },
    ),
    { numRuns: 60 },
  );
});
