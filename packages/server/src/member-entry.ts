import { fileURLToPath } from "node:url";

/** The script that a member process of its own runs: `node SCRIPT --config FILE`. */
export const memberEntry = fileURLToPath(new URL("./main.js", import.meta.url));
