/** The table of what exchanges cost. */
import type { Trees } from "../run-trees.ts";
import { machineLine } from "./machine.ts";
import { grouped, markdownTable } from "./markdown.ts";

/** Three digits where there are so many. */
function milliseconds(ms: number): string {
  return ms >= 100 ? grouped(ms) : ms.toPrecision(2);
}

export function treesText({ at, machine, keys, valueBytes, partitions, readAllMs, rows }: Trees): string {
  const table = markdownTable(
    ["keys that differ", "bytes on the wire", "CPU ms, who began", "CPU ms, who was asked"],
    ["right", "right", "right", "right"],
    rows.map(({ differences, bytes, beganMs, askedMs }) => [
      grouped(differences),
      grouped(bytes),
      milliseconds(beganMs),
      milliseconds(askedMs),
    ]),
  );
  const what = `${grouped(keys)} keys of ${valueBytes} bytes in ${partitions} partitions, one exchange of all of them between two homes`;
  const first = `To read all records once and add up their sums takes a member ${grouped(readAllMs)} ms of CPU.`;
  return `${at.slice(0, 10)}; ${machineLine(machine)}.\n\n${what}:\n\n${table}\n\n${first}\n`;
}
