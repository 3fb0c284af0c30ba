/** CLIENT LIST, INFO and KILL: the connections of this member. */
import type { Bytes } from "@kvorum/core";
import { argument, latin1, wholeNumber } from "../arguments.ts";
import { isWord } from "../command-table.ts";
import type { ReplySlot } from "../reply-slot.ts";
import type { Session } from "../session.ts";

/** Every client is an ordinary one here; of Redis's other kinds there are none. */
const OTHER_TYPES = ["master", "replica", "slave", "pubsub"];

/** Redis's own limit is 2^63. */
const ID_MAX = Number.MAX_SAFE_INTEGER;

const ECHO_BYTES_MAX = 128;

type Test = (client: Session) => boolean;

export function clientInfo(session: Session, slot: ReplySlot): void {
  slot.begin().verbatim(`${lineOf(session, Date.now())}\n`);
  slot.end();
}

export function clientList(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  const test = listTest(args);
  if (typeof test === "string") {
    slot.error(test);
    return;
  }
  const nowMs = Date.now();
  const lines = [...session.face.sessions()].filter(test).map((client) => `${lineOf(client, nowMs)}\n`);
  slot.begin().verbatim(lines.join(""));
  slot.end();
}

/** In the form of Redis, and its order. What means nothing here is 0: clients count on these fields being there. */
function lineOf(client: Session, nowMs: number): string {
  const seconds = (sinceMs: number): number => Math.max(0, Math.floor((nowMs - sinceMs) / 1000));
  const fields: readonly (readonly [string, string | number])[] = [
    ["id", client.id],
    ["addr", client.address],
    ["laddr", client.localAddress],
    ["name", client.name],
    ["age", seconds(client.connectedMs)],
    ["idle", seconds(client.heardMs)],
    ["flags", "N"],
    ["db", 0],
    ["sub", 0],
    ["psub", 0],
    ["ssub", 0],
    ["multi", -1],
    ["qbuf", client.unfinishedBytes],
    ["qbuf-free", 0],
    ["argv-mem", 0],
    ["multi-mem", 0],
    ["obl", 0],
    ["oll", 0],
    ["omem", client.unsentBytes],
    ["tot-mem", client.unfinishedBytes + client.unsentBytes],
    ["events", "r"],
    ["cmd", client.lastCommand],
    ["user", "default"],
    ["redir", -1],
    ["resp", client.protocol],
    ["lib-name", client.libraryName],
    ["lib-ver", client.libraryVersion],
  ];
  return fields.map(([name, value]) => `${name}=${value}`).join(" ");
}

/** Which clients are listed, or what is wrong with the arguments. */
function listTest(args: readonly Bytes[]): Test | string {
  const word = args[2];
  if (word === undefined) return () => true;
  if (isWord(word, "type") && args.length === 4) return typeTest(argument(args, 3));
  if (!isWord(word, "id") || args.length < 4) return "ERR syntax error";
  const ids = new Set<number>();
  for (const text of args.slice(3)) {
    const id = wholeNumber(text, -ID_MAX, ID_MAX);
    if (Number.isNaN(id)) return "ERR Invalid client ID";
    ids.add(id);
  }
  return ({ id }) => ids.has(id);
}

function typeTest(type: Bytes): Test | string {
  if (isWord(type, "normal")) return () => true;
  if (OTHER_TYPES.some((other) => isWord(type, other))) return () => false;
  return `ERR Unknown client type '${latin1(type.subarray(0, ECHO_BYTES_MAX))}'`;
}

/** The old form names an address and answers OK; the new one has filters and answers how many were closed. */
export function clientKill(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  const isOld = args.length === 3;
  const test = isOld ? addressTest(argument(args, 2)) : killTest(session, args);
  if (typeof test === "string") {
    slot.error(test);
    return;
  }
  const victims = [...session.face.sessions()].filter(test);
  if (isOld && victims.length === 0) {
    slot.error("ERR No such client");
    return;
  }
  if (isOld) slot.ok();
  else slot.integer(victims.length);
  for (const victim of victims) {
    if (victim === session) victim.closeAfterReplies();
    else victim.closeNow("kill", `client was closed by CLIENT KILL of ${session.address}`);
  }
}

function addressTest(address: Bytes): Test {
  const wanted = latin1(address);
  return (client) => client.address === wanted;
}

/** All filters hold; the client that asks is spared unless it says SKIPME no. */
function killTest(session: Session, args: readonly Bytes[]): Test | string {
  const tests: Test[] = [];
  let sparesMe = true;
  for (let i = 2; i < args.length; i += 2) {
    const value = args[i + 1];
    if (value === undefined) return "ERR syntax error";
    if (isWord(argument(args, i), "skipme")) {
      if (!isWord(value, "yes") && !isWord(value, "no")) return "ERR syntax error";
      sparesMe = isWord(value, "yes");
      continue;
    }
    const test = filterOf(argument(args, i), value);
    if (typeof test === "string") return test;
    tests.push(test);
  }
  return (client) => !(sparesMe && client === session) && tests.every((test) => test(client));
}

function filterOf(word: Bytes, value: Bytes): Test | string {
  if (isWord(word, "addr")) return addressTest(value);
  if (isWord(word, "laddr")) {
    const wanted = latin1(value);
    return (client) => client.localAddress === wanted;
  }
  if (isWord(word, "type")) return typeTest(value);
  if (isWord(word, "user")) {
    if (latin1(value) === "default") return () => true;
    return `ERR No such user '${latin1(value.subarray(0, ECHO_BYTES_MAX))}'`;
  }
  if (!isWord(word, "id")) return "ERR syntax error";
  const wanted = wholeNumber(value, 1, ID_MAX);
  return Number.isNaN(wanted) ? "ERR client-id should be greater than 0" : ({ id }) => id === wanted;
}
