/** The process, its faces and its disk, as Prometheus names them. */
import type { FaceStats } from "../resp/session.ts";
import { entriesOf, single, type Family, type Kind } from "./family.ts";
import type { HostStatus } from "./host-status.ts";

/** What it is, and what it says. */
type Words = readonly [kind: Kind, help: string];

const HOST: Readonly<Partial<Record<keyof HostStatus, Words>>> = {
  uptimeMs: ["gauge", "For how long the process has run"],
  residentBytes: ["gauge", "Memory that the process has from the system"],
  heapUsedBytes: ["gauge", "JavaScript heap in use"],
  heapTotalBytes: ["gauge", "JavaScript heap that is reserved"],
  externalBytes: ["gauge", "Memory of buffers outside the JavaScript heap"],
  cpuUserMs: ["counter", "CPU time of the process in user mode"],
  cpuSystemMs: ["counter", "CPU time of the process in the system"],
  diskFreeBytes: ["gauge", "Free bytes on the disk of the data directory"],
  diskTotalBytes: ["gauge", "Size of the disk of the data directory"],
  dataBytes: ["gauge", "Bytes that the data directory takes, measured every 10 s"],
  loopStalls: ["counter", "How often the event loop stood still for 300 ms or more"],
};

const RESP: Readonly<Record<Exclude<keyof FaceStats, "connectionsRefused" | "connectionsClosed">, Words>> = {
  connections: ["gauge", "Open client connections"],
  connectionsReceived: ["counter", "Client connections since the start"],
  commands: ["counter", "Commands begun"],
  commandsShed: [
    "counter",
    "Commands answered OVERLOADED by the face: arguments in flight, or values being read, were too many bytes",
  ],
  bytesIn: ["counter", "Bytes from clients"],
  bytesOut: ["counter", "Bytes of replies"],
};

export function hostFamilies(host: HostStatus): Family[] {
  return described("process", host, new Map(Object.entries(HOST)));
}

export function respFamilies(stats: FaceStats): Family[] {
  return described("resp", stats, new Map(Object.entries(RESP)));
}

function described(face: string, values: object, words: ReadonlyMap<string, Words>): Family[] {
  return entriesOf(values).flatMap(([key, value]) => {
    const [kind, help] = words.get(key) ?? [null, ""];
    return kind === null || typeof value !== "number" ? [] : [single([face, key], kind, help, value)];
  });
}
