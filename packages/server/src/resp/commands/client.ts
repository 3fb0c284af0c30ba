/** CLIENT: connections, by themselves and of one another. */
import type { Bytes } from "@kvorum/core";
import { argument, isNameText, latin1 } from "../arguments.ts";
import { command, type Command } from "../command.ts";
import { isWord } from "../command-table.ts";
import type { ReplySlot } from "../reply-slot.ts";
import type { Session } from "../session.ts";
import { container } from "../subcommands.ts";
import { clientInfo, clientKill, clientList } from "./client-list.ts";
import { BAD_CLIENT_NAME } from "./connection.ts";

const flags: readonly string[] = ["noscript", "loading", "stale"];
const adminFlags: readonly string[] = ["admin", ...flags];
const group = "connection";

export const CLIENT_COMMAND: Command = container({
  name: "client",
  arity: -2,
  group,
  since: "2.4.0",
  summary: "What connections say about themselves and each other",
  subcommands: [
    command({
      name: "client|id",
      arity: 2,
      flags,
      group,
      since: "5.0.0",
      summary: "Return the ID of the current connection",
      run: (session, slot) => slot.integer(session.id),
    }),
    command({
      name: "client|getname",
      arity: 2,
      flags,
      group,
      since: "2.6.9",
      summary: "Return the name of the current connection",
      run: getName,
    }),
    command({
      name: "client|setname",
      arity: 3,
      flags,
      group,
      since: "2.6.9",
      summary: "Name the current connection",
      run: setName,
    }),
    command({
      name: "client|setinfo",
      arity: 4,
      flags,
      group,
      since: "7.2.0",
      summary: "Name the library of the current connection (LIB-NAME) or its version (LIB-VER)",
      run: setInfo,
    }),
    command({
      name: "client|info",
      arity: 2,
      flags,
      group,
      since: "6.2.0",
      summary: "Return what is known about the current connection",
      run: clientInfo,
    }),
    command({
      name: "client|list",
      arity: -2,
      flags: adminFlags,
      group,
      since: "2.4.0",
      summary: "Return what is known about the connections of this member, of all or of some (TYPE, ID)",
      run: clientList,
    }),
    command({
      name: "client|kill",
      arity: -3,
      flags: adminFlags,
      group,
      since: "2.4.0",
      summary:
        "Close connections of this member, by address or by filters (ID, ADDR, LADDR, TYPE, USER, SKIPME)",
      run: clientKill,
    }),
    command({
      name: "client|no-evict",
      arity: 3,
      flags: adminFlags,
      group,
      since: "7.0.0",
      summary: "Accepted: no connection is closed for want of memory of others",
      run: onOrOff,
    }),
    command({
      name: "client|no-touch",
      arity: 3,
      flags,
      group,
      since: "7.2.0",
      summary: "Accepted: nothing depends on when a key was used",
      run: onOrOff,
    }),
  ],
});

function onOrOff(_session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  const word = argument(args, 2);
  if (isWord(word, "on") || isWord(word, "off")) slot.ok();
  else slot.error("ERR syntax error");
}

function getName(session: Session, slot: ReplySlot): void {
  const out = slot.begin();
  if (session.name === "") out.null();
  else out.text(session.name);
  slot.end();
}

function setName(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  const name = argument(args, 2);
  if (!isNameText(name)) {
    slot.error(BAD_CLIENT_NAME);
    return;
  }
  session.name = latin1(name);
  slot.ok();
}

function setInfo(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  const attribute = argument(args, 2);
  const value = argument(args, 3);
  const isName = isWord(attribute, "lib-name");
  if (!isName && !isWord(attribute, "lib-ver")) {
    slot.error(`ERR Unrecognized option '${latin1(attribute.subarray(0, 128))}'`);
    return;
  }
  if (!isNameText(value)) {
    slot.error(
      `ERR ${isName ? "lib-name" : "lib-ver"} cannot contain spaces, newlines or special characters.`,
    );
    return;
  }
  if (isName) session.libraryName = latin1(value);
  else session.libraryVersion = latin1(value);
  slot.ok();
}
