/** CONFIG: what tools ask for, truthfully. Nothing can be set while a member runs. */
import type { Bytes } from "@kvorum/core";
import { argument, latin1 } from "../arguments.ts";
import { command, type Command } from "../command.ts";
import { globMatches } from "../glob.ts";
import type { ReplySlot } from "../reply-slot.ts";
import type { Face, Session } from "../session.ts";
import { container } from "../subcommands.ts";

const flags: readonly string[] = ["admin", "noscript", "loading", "stale"];
const group = "server";
const ECHO_BYTES_MAX = 128;

export const CONFIG_COMMAND: Command = container({
  name: "config",
  arity: -2,
  group,
  since: "2.0.0",
  summary: "How this member is configured, in Redis's terms",
  subcommands: [
    command({
      name: "config|get",
      arity: -3,
      flags,
      group,
      since: "2.0.0",
      summary: "Return parameters matching the glob-like patterns, and their values",
      run: get,
    }),
    command({
      name: "config|resetstat",
      arity: 2,
      flags,
      group,
      since: "2.0.0",
      summary: "Begin the counts of INFO anew; those of Prometheus go on",
      run({ face }, slot) {
        face.statistics.reset();
        slot.ok();
      },
    }),
    command({
      name: "config|rewrite",
      arity: 2,
      flags,
      group,
      since: "2.8.0",
      summary: "Refused: the configuration file is what runs",
      run: (_session, slot) =>
        slot.error("ERR CONFIG REWRITE is not offered: what runs is what the configuration file says"),
    }),
    command({
      name: "config|set",
      arity: -4,
      flags,
      group,
      since: "2.0.0",
      summary: "Refused: change the configuration file and restart the member",
      run: set,
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
  const known = parameters(session.face);
  const found = new Map<string, string>();
  for (const pattern of args.slice(2).map(latin1)) {
    for (const name of known.keys()) {
      if (!globMatches(pattern, name) || found.has(name)) continue;
      // Like Redis: a name that is no pattern comes back as it was asked for.
      found.set(name, name === pattern.toLowerCase() ? pattern : name);
    }
  }
  const out = slot.begin();
  out.map(found.size);
  for (const [name, shown] of found) {
    out.text(shown);
    out.text(known.get(name) ?? "");
  }
  slot.end();
}

/** The words are Redis's for what cannot be set at run time, and for what it does not know. */
function set({ face }: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  const known = parameters(face);
  const name = latin1(argument(args, 2).subarray(0, ECHO_BYTES_MAX));
  if (args.length % 2 !== 0) {
    slot.error("ERR syntax error");
    return;
  }
  if (!known.has(name.toLowerCase())) {
    slot.error(`ERR Unknown option or number of arguments for CONFIG SET - '${name}'`);
    return;
  }
  slot.error(`ERR CONFIG SET failed (possibly related to argument '${name}') - can't set immutable config`);
}
