/** CONFIG GET: what tools ask for, truthfully. There is nothing to set. */
import type { Bytes } from "@kvorum/core";
import { latin1 } from "../arguments.ts";
import { command, type Command } from "../command.ts";
import { globMatches } from "../glob.ts";
import type { ReplySlot } from "../reply-slot.ts";
import type { Face, Session } from "../session.ts";
import { container } from "../subcommands.ts";

export const CONFIG_COMMAND: Command = container({
  name: "config",
  arity: -2,
  group: "server",
  since: "2.0.0",
  summary: "How this member is configured, in Redis's terms",
  subcommands: [
    command({
      name: "config|get",
      arity: -3,
      flags: ["admin", "noscript", "loading", "stale"],
      group: "server",
      since: "2.0.0",
      summary: "Return parameters matching the glob-like patterns, and their values",
      run: get,
    }),
  ],
});

function parameters({ member, limits, port }: Face): ReadonlyMap<string, string> {
  const clientLimit = `normal ${limits.outputBytesMax} 0 0`;
  return new Map([
    ["appendfsync", "always"],
    ["appendonly", "yes"],
    ["client-output-buffer-limit", clientLimit],
    ["cluster-enabled", "yes"],
    ["databases", "1"],
    ["maxclients", String(limits.connectionsMax)],
    ["maxmemory", "0"],
    ["maxmemory-policy", "noeviction"],
    ["port", String(port)],
    ["proto-max-bulk-len", String(member.limits.valueBytesMax)],
    ["requirepass", ""],
    ["save", ""],
    ["tcp-keepalive", "300"],
    ["timeout", String(Math.ceil(limits.idleMsMax / 1000))],
  ]);
}

function get(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  const patterns = args.slice(2).map(latin1);
  const found = [...parameters(session.face)].filter(([name]) =>
    patterns.some((pattern) => globMatches(pattern, name)),
  );
  const out = slot.begin();
  out.map(found.length);
  for (const [name, value] of found) {
    out.text(name);
    out.text(value);
  }
  slot.end();
}
