/** The shape of `kvorum.yaml`. Strict: a key that is not known here is a mistake, not a comment. */
import { z } from "zod";
import { CONFLICT_POLICIES, DEFAULT_LIMITS, VALUE_BYTES_CEILING, type Limits } from "@kvorum/core";
import { DEFAULT_CLIENT_LIMITS, type ClientLimits } from "../resp/limits.ts";
import { parseAddress } from "./address.ts";

const mebibyte = 1024 * 1024;
const SLOW_REQUEST_MS = 1_000;
const SLOW_REQUEST_MS_MAX = 60_000;

const name = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,64}$/, "must be 1 to 64 letters, digits, dots, underscores or dashes");

const address = z.string().transform((text, context) => {
  const parsed = parseAddress(text);
  if (parsed !== null) return parsed;
  context.addIssue(`must be HOST:PORT such as 127.0.0.1:7401, not ${JSON.stringify(text)}`);
  return z.NEVER;
});

const member = z.strictObject({
  id: z.int().min(1).max(4_294_967_295),
  name,
  host: name,
  zone: name.default("zone-1"),
  region: name.default("region-1"),
  weight: z.int().min(1).max(1000).default(100),
  peer: address,
  resp: address,
  http: address,
});

const namespace = z.strictObject({
  name,
  policy: z.enum(CONFLICT_POLICIES).default("siblings"),
  n: z.int().min(1).max(DEFAULT_LIMITS.replicasMax).default(3),
});

/** The limits that a configuration may move, each within bounds that keep the others true. */
const limits = z.strictObject({
  valueBytesMax: limit("valueBytesMax", 1, VALUE_BYTES_CEILING),
  timeoutMsDefault: limit("timeoutMsDefault", 1, DEFAULT_LIMITS.timeoutMsMax),
  maxClockDriftMs: limit("maxClockDriftMs", DEFAULT_LIMITS.clockReserveMs + 1, 3_600_000),
  diskReserveBytes: limit("diskReserveBytes", 0, 2 ** 50),
  valueCacheBytesMax: limit("valueCacheBytesMax", mebibyte, 65_536 * mebibyte),
  contextCacheEntriesMax: limit("contextCacheEntriesMax", 1000, 10_000_000),
  backgroundOpsMax: limit("backgroundOpsMax", 1, 1_000_000),
  backgroundBytesMax: limit("backgroundBytesMax", 65_536, 65_536 * mebibyte),
  backgroundP99Ms: limit("backgroundP99Ms", 1, DEFAULT_LIMITS.timeoutMsMax),
  backgroundLateMs: limit("backgroundLateMs", 1, DEFAULT_LIMITS.timeoutMsMax),
  treeWriteEveryMs: limit("treeWriteEveryMs", 1_000, 86_400_000),
  exchangeEveryMs: limit("exchangeEveryMs", 1_000, 86_400_000),
  scrubPassMs: limit("scrubPassMs", 0, 366 * 24 * 3600 * 1000),
  conflictRetentionMs: limit("conflictRetentionMs", 60_000, 10 * 366 * 24 * 3600 * 1000),
  conflictBytesMax: limit("conflictBytesMax", 2 * mebibyte, 65_536 * mebibyte),
  conflictEntriesMax: limit("conflictEntriesMax", 100, 1_000_000),
  hintsMax: limit("hintsMax", 1_000, 10_000_000),
  hintBytesMax: limit("hintBytesMax", 16 * mebibyte, 65_536 * mebibyte),
  hintsTotalMax: limit("hintsTotalMax", 1_000, 100_000_000),
  hintBytesTotalMax: limit("hintBytesTotalMax", 16 * mebibyte, 262_144 * mebibyte),
  hintAgeMsMax: limit("hintAgeMsMax", 60_000, 31_536_000_000),
});

function limit(key: keyof Limits, min: number, max: number): z.ZodDefault<z.ZodInt> {
  return z.int().min(min).max(max).default(DEFAULT_LIMITS[key]);
}

/** What clients together, and each of them, may take of this member. */
const clients = z.strictObject({
  connectionsMax: clientLimit("connectionsMax", 1, 1_000_000),
  inFlightTotalBytesMax: clientLimit("inFlightTotalBytesMax", 16 * mebibyte, 65_536 * mebibyte),
  unfinishedTotalBytesMax: clientLimit("unfinishedTotalBytesMax", 16 * mebibyte, 65_536 * mebibyte),
  outputBytesMax: clientLimit("outputBytesMax", 2 * mebibyte, 1024 * mebibyte),
  outputTotalBytesMax: clientLimit("outputTotalBytesMax", 16 * mebibyte, 65_536 * mebibyte),
  requestMsMax: clientLimit("requestMsMax", 1_000, 86_400_000),
  idleMsMax: clientLimit("idleMsMax", 0, 31_536_000_000),
  stuckMsMax: clientLimit("stuckMsMax", 1_000, 86_400_000),
});

function clientLimit(key: keyof ClientLimits, min: number, max: number): z.ZodDefault<z.ZodInt> {
  return z.int().min(min).max(max).default(DEFAULT_CLIENT_LIMITS[key]);
}

export const configSchema = z.strictObject({
  cluster: name,
  self: z.union([name, z.int().min(1)], "must be the id or the name of a member").optional(),
  members: z.array(member).min(1).max(DEFAULT_LIMITS.membersMax),
  namespaces: z.array(namespace).max(DEFAULT_LIMITS.namespacesMax).default([]),
  partitions: z.int().min(DEFAULT_LIMITS.partitionsMin).max(DEFAULT_LIMITS.partitionsMax).default(256),
  fallbacksMax: z.int().min(0).max(DEFAULT_LIMITS.fallbacksMax).default(DEFAULT_LIMITS.fallbacksMax),
  dir: z.string().min(1).optional(),
  limits: limits.prefault({}),
  clients: clients.prefault({}),
  allowFlush: z.boolean().default(false),
  listen: z
    .strictObject({ peer: address.optional(), resp: address.optional(), http: address.optional() })
    .default({}),
  peerOverrides: z.record(name, address).default({}),
  log: z
    .strictObject({
      level: z.enum(["debug", "info", "warn", "error"]).default("warn"),
      slowRequestMs: z.int().min(0).max(SLOW_REQUEST_MS_MAX).default(SLOW_REQUEST_MS),
    })
    .prefault({}),
});

export type ConfigShape = z.output<typeof configSchema>;

/** The keys that are known at a place of the file; empty where any key is. */
export function knownKeys(path: readonly PropertyKey[]): string[] {
  let schema: z.core.$ZodType | undefined = configSchema;
  for (const step of path) {
    const outer = bare(schema);
    schema = outer instanceof z.ZodArray ? outer.element : fieldsOf(outer).get(String(step));
    if (schema === undefined) return [];
  }
  return [...fieldsOf(bare(schema)).keys()];
}

function fieldsOf(schema: z.core.$ZodType): ReadonlyMap<string, z.core.$ZodType> {
  return new Map(schema instanceof z.ZodObject ? Object.entries<z.core.$ZodType>(schema.shape) : []);
}

function bare(schema: z.core.$ZodType): z.core.$ZodType {
  const wrapped =
    schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional;
  return wrapped ? bare(schema.unwrap()) : schema;
}
