/** Writes a configuration as somebody would: YAML that `parseConfig` takes. */
import { stringify } from "yaml";
import type { z } from "zod";
import type { configSchema } from "./schema.ts";

/** A configuration before defaults are filled in; addresses are `HOST:PORT`. */
export type ConfigInput = z.input<typeof configSchema>;

export function renderConfig(input: ConfigInput): string {
  return stringify(input);
}
