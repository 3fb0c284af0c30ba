/** CLIENT: what a connection says about itself. */
import type { Bytes } from "@kvorum/core";
import { argument, isNameText, latin1 } from "../arguments.ts";
import { command, type Command } from "../command.ts";
import { isWord } from "../command-table.ts";
import type { ReplySlot } from "../reply-slot.ts";
import type { Session } from "../session.ts";
import { container } from "../subcommands.ts";
import { BAD_CLIENT_NAME } from "./connection.ts";

const flags: readonly string[] = ["noscript", "loading", "stale"];
const group = "connection";

export const CLIENT_COMMAND: Command = container({
  name: "client",
  arity: -2,
  group,
  since: "2.4.0",
  summary: "What a connection says about itself",
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
  ],
});

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
