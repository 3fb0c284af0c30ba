/**
 * The storage of one member alone: `node main.js DIR`. Told `{ operations, depth, valueBytes, keys }` by its parent it
 * keeps `depth` fsynced appends under way until so many have been answered, and says how long that took.
 */
import { randomBytes } from "node:crypto";
import { Prng, RECORD_RESOLVER, type Bytes } from "@kvorum/core";
import { openStorage, Turn, type OpenedStorage } from "@kvorum/server/parts";
import { readEngineWish, type EngineWish } from "./wish.ts";

const turn = new Turn((error) => {
  throw error;
});

async function open(dir: string): Promise<OpenedStorage> {
  const opened = await openStorage({
    dir,
    cluster: "bench",
    memberId: 1,
    createdBy: "kvorum bench",
    resolver: RECORD_RESOLVER,
    onInput: () => turn.arm(),
    events: {
      event: () => undefined,
      fatal: (code, text) => {
        throw new Error(`${code}: ${text}`);
      },
    },
  });
  if (opened.kind === "refused") throw new Error(opened.text);
  return opened;
}

const random = new Prng(1);

function keyOf(keys: number): Bytes {
  return Buffer.from(`key:${String(random.below(keys)).padStart(12, "0")}`);
}

/** Resolves to how many seconds it took. */
function run({ storage }: OpenedStorage, wish: EngineWish): Promise<number> {
  const value = randomBytes(wish.valueBytes);
  const startMs = performance.now();
  let begun = 0;
  let answered = 0;
  return new Promise((resolve) => {
    const next = () => {
      if (begun === wish.operations) return;
      begun++;
      storage.append(keyOf(wish.keys), value, "fsync", user, 0);
    };
    const user = {
      onStored: () => {
        answered++;
        if (answered === wish.operations) resolve((performance.now() - startMs) / 1000);
        next();
      },
      onRows: () => undefined,
    };
    for (let i = 0; i < wish.depth; i++) next();
    turn.arm();
  });
}

const opened = await open(process.argv[2] ?? "");
turn.add(() => opened.storage.onTurnEnd());
process.on("disconnect", () => process.exit());
process.on("message", (message) => {
  void run(opened, readEngineWish(message)).then((seconds) => process.send?.({ kind: "ran", seconds }));
});
process.send?.({ kind: "ready" });
