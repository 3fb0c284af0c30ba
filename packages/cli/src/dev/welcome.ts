/** What `kvorum dev` says when the cluster is up. */
import { indent, table } from "../table.ts";
import type { MemberPlan } from "./member-plan.ts";
import type { DevSettings } from "./settings.ts";

export function welcome(
  root: string,
  settings: DevSettings,
  plans: readonly MemberPlan[],
  pids: readonly number[],
): string {
  const rows = plans.map((plan, index) => [
    plan.name,
    `127.0.0.1:${plan.respPort}`,
    `127.0.0.1:${plan.httpPort}`,
    `127.0.0.1:${plan.peerPort}`,
    plan.zone,
    String(pids[index] ?? 0),
  ]);
  const first = plans[0]?.respPort ?? 0;
  const last = plans.at(-1)?.respPort ?? 0;
  const victim = plans.length > 1 ? 2 : 1;
  const cut = plans.length > 1 ? ["  npx kvorum dev partition 1:2   # and dev heal"] : [];
  const count = plans.length === 1 ? "1 member" : `${plans.length} members`;
  return [
    `kvorum: ${count} of ${settings.cluster} up, data in ${root}`,
    "",
    indent(table(["member", "redis", "http", "peers", "zone", "pid"], rows)),
    "Try, in another terminal:",
    `  redis-cli -p ${first} set greeting hello`,
    `  redis-cli -p ${last} get greeting`,
    `  npx kvorum dev kill ${victim}      # and dev start ${victim}; reads and writes go on`,
    ...cut,
    "  npx kvorum status",
    "  npx kvorum explain greeting",
    `  curl http://127.0.0.1:${first + 100}/readyz    # and /healthz, /metrics`,
    "",
    "Ctrl-C stops every member and keeps the data.",
    "",
  ].join("\n");
}
