/** TIME, FLUSHALL, FLUSHDB: what concerns a whole server. */
import type { Bytes } from "@kvorum/core";
import { argument } from "../arguments.ts";
import { command, type Command } from "../command.ts";
import { isWord } from "../command-table.ts";
import { Flush } from "../flush.ts";
import type { ReplySlot } from "../reply-slot.ts";
import type { Session } from "../session.ts";

const group = "server";

export const SERVER_COMMANDS: readonly Command[] = [
  command({
    name: "time",
    arity: 1,
    flags: ["loading", "stale", "fast"],
    group,
    since: "2.6.0",
    summary: "Get the member's clock, by which expiry is judged: seconds since 1970, and microseconds",
    run({ face }, slot) {
      const nowMs = Math.floor(face.member.nowMs());
      const out = slot.begin();
      out.array(2);
      out.text(String(Math.floor(nowMs / 1000)));
      out.text(String((nowMs % 1000) * 1000));
      slot.end();
    },
  }),
  ...["flushall", "flushdb"].map((name) =>
    command({
      name,
      arity: -1,
      flags: ["write"],
      group,
      summary: "Delete every key of the namespace, one by one, if the configuration says allowFlush",
      effect: "write",
      looksFirst: true,
      run: (session, slot, args) => flush(session, slot, args, name.toUpperCase()),
    }),
  ),
];

/** `ASYNC` and `SYNC` are understood and make no difference: the reply comes when the keys are gone. */
function flush(session: Session, slot: ReplySlot, args: readonly Bytes[], name: string): void {
  const { face, namespace, address } = session;
  if (!face.allowFlush) {
    slot.error(
      `ERR ${name} is not allowed: it deletes every key, and this member's configuration does not say allowFlush: true`,
    );
    return;
  }
  if (args.length > 2 || (args.length === 2 && !isFlushWord(argument(args, 1)))) {
    slot.error("ERR syntax error");
    return;
  }
  const { name: what = "" } = face.member.topology.namespaces.find(({ id }) => id === namespace) ?? {};
  const text = `a client has every key of the namespace ${what} deleted`;
  face.events.event("warn", "flush", text, { command: name, namespace: what, address });
  new Flush(session, slot).resume();
}

function isFlushWord(word: Bytes): boolean {
  return isWord(word, "async") || isWord(word, "sync");
}
