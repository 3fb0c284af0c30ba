/** Which servers a command asks, in order. */
import { parseAddress } from "@kvorum/server";
import { DevDirectory } from "./dev/dev-directory.ts";
import { readDevFile } from "./dev/dev-file.ts";
import { usage } from "./failure.ts";

export interface ServerChoice {
  /** `--server`; null when it was not given. */
  readonly server: string | null;
  /** Where a local cluster may run. */
  readonly dir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const usual = ["127.0.0.1:7401", "127.0.0.1:7400"];

/**
 * What was named, by `--server` or `KVORUM_SERVER`, and nothing else: whoever names a server means it. Else the
 * members of the local cluster, then the usual places. `HOST:PORT` each.
 */
export function serversToAsk(choice: ServerChoice): string[] {
  const named = choice.server ?? choice.env["KVORUM_SERVER"] ?? "";
  if (named !== "") {
    const where = choice.server === null ? "KVORUM_SERVER" : "--server";
    if (parseAddress(named) === null)
      throw usage(`${where} takes HOST:PORT such as 127.0.0.1:7401, not ${named}`);
    return [named];
  }
  const local = readDevFile(new DevDirectory(choice.dir))?.resp ?? [];
  return [...new Set([...local, ...usual])];
}
