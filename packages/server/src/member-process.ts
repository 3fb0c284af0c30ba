/**
 * Puts a member and its environment together: disk, peers, clients, clocks. All of them hand their input to core at
 * once and arm the turn; what core has to say goes out when the turn ends.
 */
import { readFileSync } from "node:fs";
import {
  bootMember,
  RECORD_RESOLVER,
  type Address,
  type Member,
  type MemberId,
  type MemberParts,
} from "@kvorum/core";
import { addressText } from "./config/address.ts";
import type { MemberConfig } from "./config/member-config.ts";
import { FreeDisk } from "./environment/free-disk.ts";
import { systemClock } from "./environment/system-clock.ts";
import { SystemRandom } from "./environment/system-random.ts";
import { TimerAlarm } from "./environment/timer-alarm.ts";
import type { Log } from "./observability/log.ts";
import { RespServer } from "./resp/server.ts";
import { openStorage, type OpenedStorage } from "./storage/open-storage.ts";
import { TcpTransport } from "./transport/tcp-transport.ts";
import { Turn } from "./transport/turn.ts";

export interface RunningMember {
  /** Takes nothing new, lets what is under way come to its end, and lets go of the data. */
  stop(): Promise<void>;
  /** From now on a peer is called there. */
  callAt(peer: MemberId, address: Address): void;
}

/** A member that may not or cannot start; the message says what to do. */
class StartRefusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "StartRefusal";
    this.code = code;
  }
}

/** Connections that take longer than this to close are not waited for: a peer that hangs holds its end open. */
const LEAVE_MS = 500;
/** How long the last writes may take to reach the journal. */
const SETTLE_MS_MAX = 2000;
const LOOK_EVERY_MS = 10;
/** Quiet for so many looks in a row: nothing is under way any more. */
const QUIET_LOOKS = 5;

/** Resolves when the member serves. Rejects with `StartRefusal`. */
export async function startMember(config: MemberConfig, log: Log): Promise<RunningMember> {
  const release = ownRelease();
  const turn = new Turn((error) => log.fatal("assertion", stackOf(error)));
  const storage = await open(config, log, turn, release);
  try {
    return await assemble(config, log, turn, storage, release);
  } catch (error) {
    await storage.close();
    throw error;
  }
}

async function open(config: MemberConfig, log: Log, turn: Turn, release: string): Promise<OpenedStorage> {
  const opened = await openStorage({
    dir: config.dir,
    cluster: config.topology.cluster,
    memberId: config.self,
    createdBy: `kvorum ${release}`,
    events: log,
    resolver: RECORD_RESOLVER,
    onInput: () => turn.arm(),
  });
  if (opened.kind === "refused") throw new StartRefusal(opened.code, opened.text);
  return opened;
}

async function assemble(
  config: MemberConfig,
  log: Log,
  turn: Turn,
  opened: OpenedStorage,
  release: string,
): Promise<RunningMember> {
  const { storage } = opened;
  const disk = new FreeDisk(config.dir);
  const addresses = new Map(config.topology.members.map(({ id, peer }) => [id, peer]));
  const transport = new TcpTransport({ turn, addresses, overrides: config.peerOverrides });
  let member: Member | null = null;
  const alarm = new TimerAlarm(systemClock, () => {
    try {
      member?.onAlarm();
    } catch (error) {
      turn.fail(error);
    }
    turn.arm();
  });
  turn.add(() => (member === null ? storage.onTurnEnd() : member.onTurnEnd()));
  turn.add(() => transport.flush());
  const booted = await boot(turn, {
    self: config.self,
    topology: config.topology,
    limits: config.limits,
    clock: systemClock,
    alarm,
    random: new SystemRandom(),
    storage,
    transport,
    events: log,
    freeDiskBytes: () => disk.bytes,
  });
  member = booted;
  transport.attach(booted);
  const resp = new RespServer({ member: booted, turn, events: log, release, limits: config.clients });
  turn.add(() => resp.flush());
  const leave = async (): Promise<void> => {
    // Clients first, so that what they began still reaches the peers.
    await within(LEAVE_MS, resp.close());
    await settled(opened);
    // Links close between turns only: within one, a frame may be half written.
    booted.onTurnEnd();
    transport.flush();
    await within(LEAVE_MS, transport.stop());
    alarm.stop();
    disk.stop();
    await settled(opened);
  };
  const stop = async (): Promise<void> => {
    await leave();
    await opened.close();
  };
  try {
    await listen("peers", config.listen.peer, () => transport.listen(config.listen.peer));
    await listen("redis", config.listen.resp, () =>
      resp.listen(config.listen.resp.host, config.listen.resp.port),
    );
  } catch (error) {
    await leave();
    throw error;
  }
  booted.start();
  turn.arm();
  while (booted.status().state !== "serving") await delay(LOOK_EVERY_MS);
  return { stop, callAt: (peer, address) => transport.callAt(peer, address) };
}

function boot(turn: Turn, parts: Omit<MemberParts, "memory">): Promise<Member> {
  return new Promise((resolve) => {
    bootMember(parts, { onBooted: resolve });
    turn.arm();
  });
}

async function listen(use: string, address: Address, begin: () => Promise<unknown>): Promise<void> {
  try {
    await begin();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    const text = error instanceof Error ? error.message : String(error);
    const where = `${addressText(address)} (${use})`;
    if (code === "EADDRINUSE")
      throw new StartRefusal("PORT", `${where} is in use by another process; stop it, or change the port`);
    throw new StartRefusal("PORT", `cannot listen on ${where}: ${text}`);
  }
}

/** No client and no peer is left; what they began still runs through the journal for a moment. */
async function settled({ storage }: OpenedStorage): Promise<void> {
  let rounds = -1;
  let quiet = 0;
  for (let passedMs = 0; passedMs < SETTLE_MS_MAX && quiet < QUIET_LOOKS; passedMs += LOOK_EVERY_MS) {
    const sizes = storage.sizes();
    quiet = sizes.queuedAppends === 0 && sizes.rounds === rounds ? quiet + 1 : 0;
    rounds = sizes.rounds;
    await delay(LOOK_EVERY_MS);
  }
}

async function within(ms: number, ending: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | null = null;
  await Promise.race([ending, new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))]);
  if (timer !== null) clearTimeout(timer);
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function ownRelease(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const named =
    typeof manifest === "object" && manifest !== null && "version" in manifest ? manifest.version : null;
  return typeof named === "string" ? named : "unknown";
}
