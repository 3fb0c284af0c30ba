/** PING, ECHO, HELLO, AUTH, SELECT, QUIT, RESET, READONLY, READWRITE, ASKING, and the words of HTTP. */
import type { Bytes } from "@kvorum/core";
import { argument, isNameText, latin1 } from "../arguments.ts";
import { defaultNamespace } from "../cluster-view.ts";
import { command, type Command } from "../command.ts";
import { isWord } from "../command-table.ts";
import { decimalOf } from "../decimal.ts";
import { wrongArity } from "../dispatch.ts";
import type { ReplySlot } from "../reply-slot.ts";
import { firstDefaults } from "../request-defaults.ts";
import type { Session } from "../session.ts";
import { REDIS_VERSION } from "./redis-version.ts";

/** There are no users yet: Redis's words for that. */
const NO_PASSWORD =
  "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?";

export const BAD_CLIENT_NAME = "ERR Client names cannot contain spaces, newlines or special characters.";

const flags: readonly string[] = ["noscript", "loading", "stale", "fast"];
const group = "connection";

export const CONNECTION_COMMANDS: readonly Command[] = [
  command({
    name: "ping",
    arity: -1,
    flags: ["fast"],
    group,
    summary: "Answer PONG, or the argument",
    run: ping,
  }),
  command({
    name: "echo",
    arity: 2,
    flags: ["loading", "stale", "fast"],
    group,
    summary: "Answer the argument",
    run(_session, slot, args) {
      slot.begin().bulk(argument(args, 1));
      slot.end();
    },
  }),
  command({
    name: "hello",
    arity: -1,
    flags,
    group,
    since: "6.0.0",
    summary: "Choose the protocol, name the connection, learn about the server",
    run: hello,
  }),
  command({
    name: "auth",
    arity: -2,
    flags,
    group,
    summary: "Refused: there are no passwords yet",
    run: (_session, slot, args) => slot.error(args.length > 3 ? "ERR syntax error" : NO_PASSWORD),
  }),
  command({
    name: "select",
    arity: 2,
    flags: ["loading", "stale", "fast"],
    group,
    summary: "Only 0; KV.USE chooses a namespace",
    run: select,
  }),
  command({
    name: "quit",
    arity: -1,
    flags,
    group,
    summary: "Close the connection once everything is answered",
    run(session, slot) {
      slot.ok();
      session.closeAfterReplies();
    },
  }),
  command({
    name: "reset",
    arity: 1,
    flags,
    group,
    since: "6.2.0",
    summary: "Begin anew on this connection",
    run: reset,
  }),
  ...["asking", "readonly", "readwrite"].map((name) =>
    command({
      name,
      arity: 1,
      flags: ["loading", "stale", "fast"],
      group: "cluster",
      since: "3.0.0",
      summary: "Accepted: any member serves reads and writes",
      run: (_session, slot) => slot.ok(),
    }),
  ),
  // A browser that was made to speak to this port: as Redis does, nothing it says after its request line is run.
  ...["post", "host:"].map((name) =>
    command({
      name,
      arity: -1,
      flags,
      group,
      summary: "Closes the connection: HTTP is not spoken here",
      run: http,
    }),
  ),
];

function ping(_session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  if (args.length > 2) {
    slot.error(wrongArity("ping"));
    return;
  }
  const out = slot.begin();
  if (args.length === 1) out.simple("PONG");
  else out.bulk(argument(args, 1));
  slot.end();
}

function select(_session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  const index = decimalOf(argument(args, 1));
  if (index === 0) slot.ok();
  else if (Number.isNaN(index)) slot.error("ERR value is not an integer or out of range");
  else slot.error("ERR DB index is out of range: there is only 0; KV.USE chooses a namespace");
}

function reset(session: Session, slot: ReplySlot): void {
  const { member } = session.face;
  session.protocol = 2;
  session.name = "";
  session.namespace = defaultNamespace(member.topology).id;
  session.defaults = firstDefaults(member.limits);
  slot.protocol = 2;
  slot.begin().simple("RESET");
  slot.end();
}

function http(session: Session, slot: ReplySlot): void {
  session.closeNow("http", "client speaks HTTP; this port speaks RESP");
  slot.wanted();
}

function hello(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  const { protocol, name, error } = helloOptions(session, args);
  if (error !== "") {
    slot.error(error);
    return;
  }
  session.protocol = protocol;
  session.name = name;
  slot.protocol = protocol;
  const out = slot.begin();
  out.map(7);
  out.text("server");
  out.text("kvorum");
  out.text("version");
  out.text(REDIS_VERSION);
  out.text("proto");
  out.integer(protocol);
  out.text("id");
  out.integer(session.id);
  out.text("mode");
  out.text("cluster");
  out.text("role");
  out.text("master");
  out.text("modules");
  out.array(0);
  slot.end();
}

interface HelloOptions {
  readonly protocol: 2 | 3;
  readonly name: string;
  readonly error: string;
}

function helloOptions(session: Session, args: readonly Bytes[]): HelloOptions {
  let { protocol, name } = session;
  const version = args[1];
  if (version !== undefined) {
    const asked = decimalOf(version);
    if (Number.isNaN(asked)) return refused("ERR Protocol version is not an integer or out of range");
    if (asked !== 2 && asked !== 3) return refused("NOPROTO unsupported protocol version");
    protocol = asked;
  }
  for (let i = 2; i < args.length; i++) {
    const option = argument(args, i);
    if (isWord(option, "auth") && i + 2 < args.length) return refused(NO_PASSWORD);
    const given = args[i + 1];
    if (!isWord(option, "setname") || given === undefined) {
      return refused(`ERR Syntax error in HELLO option '${latin1(option.subarray(0, 128))}'`);
    }
    if (!isNameText(given)) return refused(BAD_CLIENT_NAME);
    name = latin1(given);
    i++;
  }
  return { protocol, name, error: "" };
}

function refused(error: string): HelloOptions {
  return { protocol: 2, name: "", error };
}
