/** Any message, as plain data, for properties. */
import fc from "fast-check";
import { hex } from "../base/utf8.ts";
import { OUTCOMES, type OutcomeCode } from "../base/outcome.ts";
import { CHANGES, CONDITIONS, EXPIRY_RULES, WANTED } from "./messages.ts";
import type { PlainMessage } from "./wire.fixture.ts";

const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const u64 = fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER));
const bytes = fc.uint8Array({ maxLength: 200 }).map(hex);
/** UTF-8 has no form for half a surrogate pair. */
const text = fc.string({ unit: "grapheme", maxLength: 60 });
const code = fc.constantFrom(...(Object.keys(OUTCOMES) as OutcomeCode[]));
const request = { id: u32, deadline: u64 };
const reply = { id: u32, code };

function latin1(maxLength: number): fc.Arbitrary<string> {
  return fc.array(u8, { maxLength }).map((codes) => String.fromCharCode(...codes));
}

const hello = fc
  .record({
    protocols: fc.tuple(u16, u16),
    cluster: latin1(64),
    member: u32,
    lane: fc.constantFrom("foreground" as const, "bulk" as const),
    epoch: u32,
    digest: fc.uint8Array({ minLength: 16, maxLength: 16 }).map(hex),
    session: u64,
    heard: u64,
    birth: u64.map((n) => Math.max(n, 1)),
    known: u64,
  })
  .map(({ protocols: [a, b], ...rest }) => ({
    protocolMin: Math.min(a, b),
    protocolMax: Math.max(a, b),
    ...rest,
  }));

const write = fc.record({
  kind: fc.constantFrom("put" as const, "delete" as const),
  namespace: u16,
  key: bytes,
  value: bytes,
  context: fc.option(latin1(100)),
  onlyIfSeen: fc.boolean(),
  expiryMs: u64,
  w: fc.integer({ min: -1, max: 0x7fff }),
  durability: fc.constantFrom("fsync" as const, "os" as const),
  fallbacks: fc.constantFrom("allow" as const, "deny" as const),
  wantReceipt: fc.boolean(),
});

const receipt = fc.record({
  dot: fc.record({ member: u32, start: u64, clock: u64 }),
  w: u8,
  fsynced: u8,
  homes: fc.array(u32, { maxLength: 255 }),
  fallbacks: fc.array(u32, { maxLength: 255 }),
  token: bytes,
});

const cursor = fc.option(fc.record({ instant: u64, member: u32, number: u32 }));

const conflictQuery = fc.record({ namespace: u16, key: fc.option(bytes), count: u16, below: cursor });

const conflictsPage = fc.record({
  ...reply,
  rows: fc.array(fc.record({ number: u32, row: bytes }), { maxLength: 20 }),
  through: cursor,
});

const ballot = fc.record({ epoch: u32, clock: u64, member: u32 });
const preparedReply = fc.record({
  promised: ballot,
  accepted: ballot,
  origin: ballot,
  unfinished: bytes,
  same: fc.boolean(),
  committed: bytes,
});
const conditional = fc.record({
  namespace: u16,
  key: bytes,
  condition: fc.constantFrom(...CONDITIONS),
  operand: bytes,
  change: fc.constantFrom(...CHANGES),
  value: bytes,
  offset: u32,
  expiry: fc.constantFrom(...EXPIRY_RULES),
  expiryMs: u64,
  want: fc.constantFrom(...WANTED),
  wantReceipt: fc.boolean(),
});
const conditionalOutcome = fc.record({
  code,
  text,
  existed: fc.boolean(),
  bytes: fc.option(bytes),
  nowMs: u64,
  receipt: fc.option(receipt),
});

function named<Name extends string, Fields>(name: Name, fields: fc.Arbitrary<Fields>) {
  return fields.map((value) => ({ name, fields: value }));
}

export const anyMessage: fc.Arbitrary<PlainMessage> = fc.oneof(
  named("hello" as const, hello),
  named("topology" as const, fc.record({ text })),
  named("refuse" as const, fc.record({ code: latin1(64), text })),
  named("ping" as const, fc.record({ echo: u64, minted: u64 })),
  named("pong" as const, fc.record({ echo: u64, minted: u64 })),
  named(
    "replicate" as const,
    fc.record({ ...request, fsync: fc.boolean(), overwrite: fc.boolean(), storageKey: bytes, record: bytes }),
  ),
  named(
    "hint" as const,
    fc.record({
      ...request,
      fsync: fc.boolean(),
      overwrite: fc.boolean(),
      target: u32,
      storageKey: bytes,
      record: bytes,
    }),
  ),
  named(
    "replicated" as const,
    fc.record({ ...reply, fsynced: fc.boolean(), existed: fc.boolean(), uncovered: bytes }),
  ),
  named(
    "read" as const,
    fc.record({ ...request, headOnly: fc.boolean(), latest: fc.boolean(), storageKey: bytes }),
  ),
  named("readReply" as const, fc.record({ ...reply, headOnly: fc.boolean(), bytes })),
  named("write" as const, fc.record({ ...request, write })),
  named(
    "written" as const,
    fc.record({ ...reply, existed: fc.boolean(), text, receipt: fc.option(receipt) }),
  ),
  named(
    "count" as const,
    fc.record({ ...request, namespace: u16, partitions: fc.array(u16, { maxLength: 50 }) }),
  ),
  named("counted" as const, fc.record({ ...reply, keys: u64 })),
  named("scan" as const, fc.record({ ...request, namespace: u16, rows: u16, slotEnd: u16, from: bytes })),
  named("scanned" as const, fc.record({ ...reply, next: bytes, rows: bytes })),
  named(
    "tree" as const,
    fc.record({ ...request, level: u8, ids: fc.array(u32, { maxLength: 20 }), from: bytes }),
  ),
  named("treeReply" as const, fc.record({ ...reply, next: bytes, bytes })),
  named("conflicts" as const, fc.record({ ...request, query: conflictQuery })),
  named("conflictsPage" as const, conflictsPage),
  named("prepare" as const, fc.record({ ...request, ballot, storageKey: bytes, head: bytes })),
  named("prepared" as const, fc.record({ ...reply, reply: preparedReply })),
  named(
    "accept" as const,
    fc.record({
      ...request,
      flags: fc.integer({ min: 0, max: 3 }),
      storageKey: bytes,
      proposal: fc.record({ ballot, origin: ballot, record: bytes, next: ballot }),
    }),
  ),
  named("accepted" as const, fc.record({ ...reply, promised: ballot })),
  named("conditional" as const, fc.record({ ...request, request: conditional })),
  named("conditionalDone" as const, fc.record({ id: u32, outcome: conditionalOutcome })),
);
