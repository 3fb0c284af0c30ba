/** `npm run bench`. */
import { run } from "./program.ts";

// Servers end with us; this way the directory goes too.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
process.exitCode = await run(process.argv.slice(2));
