/**
 * Members that lose power: real links, the real engine, and a journal on files that forget what was not synced.
 * Everything runs in one process, because no kill of a process takes the page cache with it.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ALL,
  DEFAULT_LIMITS,
  type ForgetfulFiles,
  type GetResult,
  type Member,
  type MemberId,
  OUTCOMES,
  type Prng,
  type PutResult,
  QUORUM,
  type Survival,
} from "@kvorum/core";
import { type Life, type PowerSite, beginLife } from "./power-life.fixture.ts";
import type { Outcome } from "./requests.fixture.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export interface Put {
  readonly outcome: Outcome;
  readonly text: string;
}

export class PoweredMember {
  readonly id: MemberId;
  /** What recoveries brought back from the journal, and what they found torn at its end. */
  recoveredEntries = 0;
  cutBytes = 0;
  readonly #site: PowerSite;
  readonly #dir = mkdtempSync(join(tmpdir(), "kvorum-power-"));
  readonly #waiting = new Set<(put: Put) => void>();
  #disk: ReturnType<ForgetfulFiles["remains"]> = new Map();
  #life: Life | null = null;

  constructor(id: MemberId, site: PowerSite) {
    this.id = id;
    this.#site = site;
  }

  get member(): Member | null {
    return this.#life?.member ?? null;
  }

  /** Starts on what the last power cut has left. False: it refuses. */
  async start(): Promise<boolean> {
    this.#life = await beginLife(this.id, { dir: this.#dir, disk: this.#disk }, this.#site);
    if (this.#life === null) return false;
    this.recoveredEntries += this.#life.report.entries;
    this.cutBytes += this.#life.report.cutBytes;
    return true;
  }

  /** The power goes: unsynced bytes and directory changes stay or go as chance has it, and the engine's log is gone. */
  async cut(): Promise<void> {
    const life = this.#life;
    if (life === null) return;
    this.#life = null;
    this.#disk = life.files.remains(survival(this.#site.chance));
    for (const answer of this.#waiting) answer({ outcome: "unknown", text: "power cut" });
    this.#waiting.clear();
    await life.end();
    const engine = join(this.#dir, "engine");
    for (const name of readdirSync(engine)) if (name.endsWith(".log")) rmSync(join(engine, name));
  }

  /** An fsynced write through this member; an empty value removes the key. */
  put(key: string, value: string): Promise<Put> {
    const life = this.#life;
    if (life === null) return Promise.resolve({ outcome: "refused", text: "no power" });
    return new Promise((resolve) => {
      const answer = (put: Put): void => {
        this.#waiting.delete(answer);
        resolve(put);
      };
      this.#waiting.add(answer);
      const request = {
        kind: value === "" ? ("delete" as const) : ("put" as const),
        namespace: 1,
        key: encoder.encode(key),
        value: encoder.encode(value),
        context: null,
        onlyIfSeen: false,
        expiryMs: 0,
        w: QUORUM,
        durability: "fsync" as const,
        fallbacks: "deny" as const,
        timeoutMs: DEFAULT_LIMITS.timeoutMsDefault,
        wantReceipt: false,
      };
      life.member.put(request, { onPut: (_tag, result) => answer(putOf(result)) }, 0);
      life.turn.arm();
    });
  }

  /** The live values that all homes hold together, or null when they do not answer. */
  getAll(key: string): Promise<string[] | null> {
    const life = this.#life;
    if (life === null) return Promise.resolve(null);
    return new Promise((resolve) => {
      const timeoutMs = DEFAULT_LIMITS.timeoutMsDefault;
      const read = { r: ALL, headOnly: false, repair: "none" } as const;
      const request = { namespace: 1, key: encoder.encode(key), ...read, timeoutMs };
      life.member.get(request, { onGet: (_tag, result) => resolve(valuesOf(result)) }, 0);
      life.turn.arm();
    });
  }

  remove(): void {
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

function putOf({ code, text }: PutResult): Put {
  if (code === "OK") return { outcome: "acked", text };
  return { outcome: OUTCOMES[code].definite ? "refused" : "unknown", text: `${code} ${text}` };
}

function valuesOf(result: GetResult): string[] | null {
  if (result.code !== "OK") return null;
  const live = result.versions().filter(({ kind }) => kind === "value");
  return live.map(({ value }) => decoder.decode(value));
}

/** Nothing unsynced survives, everything does, or each sector and each directory change by a toss of its own. */
function survival(chance: Prng): Survival {
  const kind = chance.u32() % 4;
  const keeps = (): boolean => kind === 0 || (kind > 1 && chance.u32() % 2 === 0);
  return { keepsSector: keeps, keepsChange: keeps };
}
