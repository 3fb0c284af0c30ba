/** A machine for tables of tests. */
import type { Machine } from "./machine.ts";

export const A_MACHINE: Machine = {
  cpu: "a CPU",
  cores: 2,
  memoryBytes: 2 ** 30,
  system: "a system",
  node: "20",
  fdatasyncUs: 100,
  commit: "",
};
