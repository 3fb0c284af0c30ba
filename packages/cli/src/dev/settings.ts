/**
 * What a local cluster consists of. Decided when its directory is made and kept there, so that a later start finds
 * the same members and with them the data.
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { CONFLICT_POLICIES, type ConflictPolicy } from "@kvorum/core";
import { EXIT, Failure, usage, wordsOf } from "../failure.ts";
import { listOf, numberOf, objectOf, parseJson, stringOf } from "../json.ts";
import { writeWhole, type DevDirectory } from "./dev-directory.ts";

export interface DevSettings {
  readonly cluster: string;
  readonly members: number;
  readonly zones: number;
  readonly namespaces: readonly DevNamespace[];
  readonly portBase: number;
  /** Whether FLUSHALL is allowed. Each start says it anew. */
  readonly allowFlush: boolean;
}

export interface DevNamespace {
  readonly name: string;
  readonly policy: ConflictPolicy;
}

/** What somebody asked for; null where nothing was said. */
export interface DevWishes {
  readonly members: number | null;
  readonly zones: number | null;
  readonly namespaces: readonly DevNamespace[] | null;
  readonly portBase: number | null;
  readonly allowFlush: boolean;
}

export const MEMBERS_MAX = 99;
/** Members take `base + n`, `base + 100 + n` and `base + 200 + n`, for n up to 99. */
export const PORT_BASE_MAX = 65_535 - 200 - MEMBERS_MAX;

const FORMAT = 1;

/** The settings kept in the directory, or new ones; `keepSettings` is to keep them there. */
export function settle(directory: DevDirectory, wishes: DevWishes): DevSettings {
  if (!directory.holdsCluster()) {
    return {
      // Told apart from every other local cluster, so that no member ever takes another's data for its own.
      cluster: `dev-${randomBytes(4).toString("hex")}`,
      members: wishes.members ?? 3,
      zones: wishes.zones ?? 3,
      namespaces: wishes.namespaces ?? [],
      portBase: wishes.portBase ?? 7400,
      allowFlush: wishes.allowFlush,
    };
  }
  const kept = readSettings(directory);
  const { allowFlush } = wishes;
  const differing = [
    differs("--members", wishes.members, kept.members),
    differs("--zones", wishes.zones, kept.zones),
    differs("--namespace", wishes.namespaces && listText(wishes.namespaces), listText(kept.namespaces)),
  ].filter((text) => text !== null);
  // Ports may move: the data does not know them.
  if (differing.length === 0) return { ...kept, portBase: wishes.portBase ?? kept.portBase, allowFlush };
  throw usage(
    `the cluster in ${directory.root} was made otherwise: ${differing.join("; ")}`,
    "leave these options out to start it as it is; or begin anew, in another --dir, or here with --clean, which removes its data",
  );
}

export function isPolicy(name: string): name is ConflictPolicy {
  return CONFLICT_POLICIES.some((policy) => policy === name);
}

function differs(option: string, wished: number | string | null, kept: number | string): string | null {
  return wished === null || wished === kept
    ? null
    : `with ${option} ${kept === "" ? "(none)" : kept}, not ${wished}`;
}

function listText(namespaces: readonly DevNamespace[]): string {
  return namespaces.map(({ name, policy }) => `${name}:${policy}`).join(" ");
}

export function keepSettings(directory: DevDirectory, settings: DevSettings): void {
  const { cluster, members, zones, namespaces, portBase } = settings;
  const kept = { format: FORMAT, cluster, members, zones, namespaces, portBase };
  writeWhole(directory.settingsFile, `${JSON.stringify(kept, null, 2)}\n`);
}

function readSettings(directory: DevDirectory): Omit<DevSettings, "allowFlush"> {
  const path = directory.settingsFile;
  try {
    const file = objectOf(parseJson(readFileSync(path, "utf8"), "the file"), "the file");
    const format = numberOf(file["format"], "format");
    if (format !== FORMAT) throw new Error(`its format is ${format}, and this release reads ${FORMAT}`);
    return {
      cluster: stringOf(file["cluster"], "cluster"),
      members: numberOf(file["members"], "members"),
      zones: numberOf(file["zones"], "zones"),
      namespaces: listOf(file["namespaces"], "namespaces", (item, what) => {
        const namespace = objectOf(item, what);
        const policy = stringOf(namespace["policy"], what);
        if (!isPolicy(policy)) throw new Error(`the policy ${policy} is not known to this release`);
        return { name: stringOf(namespace["name"], what), policy };
      }),
      portBase: numberOf(file["portBase"], "portBase"),
    };
  } catch (error) {
    throw new Failure(
      EXIT.usage,
      "SETTINGS",
      `${path} cannot be used: ${wordsOf(error)}`,
      "take another --dir, or begin anew here with --clean, which removes the data",
    );
  }
}
