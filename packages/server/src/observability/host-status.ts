/** What the process and the machine say of a member, beside what it says of itself. Plain data, ready for JSON. */
import type { FreeDisk } from "../environment/free-disk.ts";
import type { DataSize } from "../environment/data-size.ts";

export interface HostStatus {
  readonly release: string;
  readonly node: string;
  readonly pid: number;
  /** Ms since 1970. */
  readonly startedMs: number;
  readonly uptimeMs: number;
  readonly residentBytes: number;
  readonly heapUsedBytes: number;
  readonly heapTotalBytes: number;
  readonly externalBytes: number;
  readonly cpuUserMs: number;
  readonly cpuSystemMs: number;
  /** Free for the member, as last measured. */
  readonly diskFreeBytes: number;
  readonly diskTotalBytes: number;
  /** What the data directory takes; null while that is not known. */
  readonly dataBytes: number | null;
  /** How often the event loop stood still long enough to be told. */
  readonly loopStalls: number;
}

export interface HostSources {
  readonly release: string;
  readonly disk: Pick<FreeDisk, "bytes" | "totalBytes">;
  readonly data: Pick<DataSize, "bytes">;
  readonly loop: { readonly stalls: number };
}

export function hostStatus({ release, disk, data, loop }: HostSources): HostStatus {
  const memory = process.memoryUsage();
  const cpu = process.cpuUsage();
  const uptimeMs = Math.round(process.uptime() * 1000);
  return {
    release,
    node: process.version,
    pid: process.pid,
    startedMs: Date.now() - uptimeMs,
    uptimeMs,
    residentBytes: memory.rss,
    heapUsedBytes: memory.heapUsed,
    heapTotalBytes: memory.heapTotal,
    externalBytes: memory.external,
    cpuUserMs: cpu.user / 1000,
    cpuSystemMs: cpu.system / 1000,
    diskFreeBytes: disk.bytes,
    diskTotalBytes: disk.totalBytes,
    dataBytes: data.bytes,
    loopStalls: loop.stalls,
  };
}
