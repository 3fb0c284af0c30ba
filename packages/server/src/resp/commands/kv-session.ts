/** KV.DEFAULTS, KV.USE: what the commands of one connection ask for, and whose keys they mean. */
import type { Bytes } from "@kvorum/core";
import { argument } from "../arguments.ts";
import { command, type Command } from "../command.ts";
import { isWord } from "../command-table.ts";
import { wrongArity } from "../dispatch.ts";
import { namespaceNamed } from "../namespaces.ts";
import type { ReplySlot } from "../reply-slot.ts";
import { firstDefaults, homesText } from "../request-defaults.ts";
import type { Session } from "../session.ts";
import { parseKvOptions, type KvOption } from "./kv-options.ts";

const DEFAULTS_OPTIONS: readonly KvOption[] = ["r", "w", "durability", "fallbacks", "timeout"];

export const KV_SESSION_COMMANDS: readonly Command[] = [
  command({
    name: "kv.defaults",
    arity: -1,
    flags: ["loading", "stale", "fast"],
    group: "kvorum",
    summary: "Set what this connection's commands ask for when they do not say, or show it",
    run: defaults,
  }),
  command({
    name: "kv.use",
    arity: -1,
    flags: ["loading", "stale", "fast"],
    group: "kvorum",
    summary: "Choose this connection's namespace, or show it",
    run: use,
  }),
];

function defaults(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  if (args.length === 1) {
    show(session, slot);
    return;
  }
  if (args.length === 2 && isWord(argument(args, 1), "reset")) {
    session.defaults = firstDefaults(session.face.member.limits);
    slot.ok();
    return;
  }
  const { error, r, w, durability, fallbacks, timeoutMs } = parseKvOptions(
    session,
    args,
    1,
    DEFAULTS_OPTIONS,
  );
  if (error !== "") {
    slot.error(error);
    return;
  }
  session.defaults = { r, w, durability, fallbacks, timeoutMs };
  slot.ok();
}

function show({ defaults: { r, w, durability, fallbacks, timeoutMs } }: Session, slot: ReplySlot): void {
  const out = slot.begin();
  out.map(5);
  out.text("r");
  out.text(homesText(r));
  out.text("w");
  out.text(homesText(w));
  out.text("durability");
  out.text(durability);
  out.text("fallbacks");
  out.text(fallbacks);
  out.text("timeout_ms");
  out.integer(timeoutMs);
  slot.end();
}

function use(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  const { topology } = session.face.member;
  if (args.length === 1) {
    slot.text(topology.namespaces.find(({ id }) => id === session.namespace)?.name ?? "");
    return;
  }
  if (args.length > 2) {
    slot.error(wrongArity("kv.use"));
    return;
  }
  const found = namespaceNamed(topology, argument(args, 1));
  if (typeof found === "string") {
    slot.error(found);
    return;
  }
  session.namespace = found.id;
  slot.ok();
}
