/** All commands. What is not here is refused as Redis refuses what it does not know. */
import { CommandTable } from "../command-table.ts";
import { ADMIN_COMMAND } from "./admin.ts";
import { CLIENT_COMMAND } from "./client.ts";
import { CONDITIONAL_COMMANDS } from "./conditional.ts";
import { CLUSTER_COMMAND } from "./cluster.ts";
import { COMMAND_COMMAND } from "./command.ts";
import { CONFIG_COMMAND } from "./config.ts";
import { CONFLICTS_COMMAND } from "./conflicts.ts";
import { CONNECTION_COMMANDS } from "./connection.ts";
import { EXPIRY_COMMANDS } from "./expiry.ts";
import { INFO_COMMAND } from "./info.ts";
import { KEY_COMMANDS } from "./keys.ts";
import { KV_COMMANDS } from "./kv.ts";
import { KV_SESSION_COMMANDS } from "./kv-session.ts";
import { SCAN_COMMANDS } from "./scan.ts";
import { SERVER_COMMANDS } from "./server.ts";
import { STRING_COMMANDS } from "./strings.ts";
import { VALUE_COMMANDS } from "./values.ts";

export const COMMANDS = new CommandTable([
  ...CONNECTION_COMMANDS,
  ...STRING_COMMANDS,
  ...VALUE_COMMANDS,
  ...CONDITIONAL_COMMANDS,
  ...KEY_COMMANDS,
  ...EXPIRY_COMMANDS,
  ...KV_COMMANDS,
  ...KV_SESSION_COMMANDS,
  ...SCAN_COMMANDS,
  ...SERVER_COMMANDS,
  ADMIN_COMMAND,
  CLIENT_COMMAND,
  CLUSTER_COMMAND,
  COMMAND_COMMAND,
  CONFIG_COMMAND,
  CONFLICTS_COMMAND,
  INFO_COMMAND,
]);
