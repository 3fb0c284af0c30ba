/** TIME, FLUSHALL, FLUSHDB: what concerns a whole server. */
import { command, type Command } from "../command.ts";

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
      summary: "Refused: nothing deletes everything",
      run: (_session, slot) =>
        slot.error(
          `ERR ${name.toUpperCase()} is not offered: nothing here deletes everything at once; delete keys by name, or stop the cluster and empty its directories`,
        ),
    }),
  ),
];
