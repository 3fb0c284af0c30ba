/** The script of a member process: `node main.js --config FILE [--dir DIR]`. */
import { parseArgs } from "node:util";
import { runMember } from "./run-member.ts";

const { values } = parseArgs({ options: { config: { type: "string" }, dir: { type: "string" } } });
if (values.config === undefined) {
  process.stderr.write("kvorum: --config FILE is missing\n");
  process.exit(2);
}
process.exit(await runMember({ config: values.config, dir: values.dir ?? null }));
