/** What the command line needs of the server. */
import type { RunOptions } from "./run-member.ts";

export { parseAddress } from "./config/address.ts";
export { renderConfig, type ConfigInput } from "./config/render-config.ts";
export { memberEntry } from "./member-entry.ts";
export type { CallAt } from "./orders.ts";

/**
 * Runs one member in this process; resolves, when it has stopped, to the code with which to exit (run-member.ts has
 * the list). Loaded only when it is called: commands that only ask a member start sooner without it.
 */
export async function runMember(options: RunOptions): Promise<number> {
  const { runMember: run } = await import("./run-member.ts");
  return run(options);
}
