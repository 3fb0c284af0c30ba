// Writes .oxlintrc.json from the layer list; a house test fails when the file is not what this would write.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { lintText } from "./house/lint-config.mjs";
import { root } from "./house/sources.mjs";

writeFileSync(join(root, ".oxlintrc.json"), lintText());
