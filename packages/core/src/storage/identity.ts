/**
 * The file that says whose directory this is. A member never speaks from the directory of another one, nor from
 * one of another cluster, so it looks before it reads anything else. The file is text, for people:
 *
 *   kvorum storage
 *   format 1
 *   cluster <name>
 *   member <id>
 *   created-by <program and release>
 *   crc32c <eight digits, over all lines before>
 */
import { crc32c } from "../base/crc32c.ts";
import { latin1Decode, latin1Encode } from "../base/utf8.ts";
import type { Bytes } from "../base/bytes.ts";
import type { StepRunner, Steps } from "./recovery-steps.ts";
import { segmentNumber } from "./segment-header.ts";

export const IDENTITY_FILE = "identity";

const FORMAT = 1;
const BEGINNING = /^kvorum storage\nformat (\d{1,9})\n/;
const WHOLE =
  /^kvorum storage\nformat \d+\ncluster (.*)\nmember (\d{1,10})\ncreated-by (.*)\ncrc32c ([0-9a-f]{8})\n$/;

export interface StorageIdentity {
  readonly cluster: string;
  readonly member: number;
  /** Program and release, for people. */
  readonly createdBy: string;
}

export type IdentityReading =
  | { readonly kind: "identity"; readonly identity: StorageIdentity }
  | { readonly kind: "newer"; readonly format: number }
  | { readonly kind: "damaged" };

export function encodeIdentity({ cluster, member, createdBy }: StorageIdentity): Bytes {
  const lines = `kvorum storage\nformat ${FORMAT}\ncluster ${cluster}\nmember ${member}\ncreated-by ${createdBy}\n`;
  return latin1Encode(`${lines}crc32c ${sumOf(lines)}\n`);
}

export function readIdentity(bytes: Bytes): IdentityReading {
  const text = latin1Decode(bytes);
  const format = Number(BEGINNING.exec(text)?.[1] ?? 0);
  if (format > FORMAT) return { kind: "newer", format };
  const match = WHOLE.exec(text);
  const [, cluster, member, createdBy, sum] = match ?? [];
  if (cluster === undefined || member === undefined || createdBy === undefined || sum === undefined)
    return { kind: "damaged" };
  const lines = text.slice(0, text.lastIndexOf("crc32c "));
  if (sumOf(lines) !== sum) return { kind: "damaged" };
  return { kind: "identity", identity: { cluster, member: Number(member), createdBy } };
}

/** Checks that the directory is this member's, and claims it when it is empty. `place` is its path, for people. */
export function* checkIdentity<Result>(
  runner: StepRunner<Result>,
  names: readonly string[],
  own: StorageIdentity,
  place: string,
): Steps<void> {
  if (!names.includes(IDENTITY_FILE)) {
    const isUsed = names.some((name) => segmentNumber(name) >= 0) || (yield* runner.engineHasAnyRow());
    if (isUsed) {
      return yield* runner.refuse(
        "IDENTITY_MISSING",
        `${place} holds data but no file '${IDENTITY_FILE}', so nobody can say whose it is; restore that file, or start with an empty directory and let the other members fill it`,
      );
    }
    return yield* runner.replaceFile(IDENTITY_FILE, encodeIdentity(own));
  }
  const reading = readIdentity(yield* runner.readFile(IDENTITY_FILE));
  if (reading.kind === "newer") {
    return yield* runner.refuse(
      "NEWER_FORMAT",
      `${place} was written in storage format ${reading.format} by a newer release; this one reads up to format ${FORMAT}; start the newer release`,
    );
  }
  if (reading.kind === "damaged") {
    return yield* runner.refuse(
      "IDENTITY_DAMAGED",
      `${place}/${IDENTITY_FILE} is damaged; restore it from a copy, or start with an empty directory and let the other members fill it`,
    );
  }
  const { cluster, member, createdBy } = reading.identity;
  if (cluster !== own.cluster) {
    return yield* runner.refuse(
      "OTHER_CLUSTER",
      `${place} belongs to member ${member} of the cluster '${cluster}' (created by ${createdBy}), not to the cluster '${own.cluster}'; give this member a directory of its own`,
    );
  }
  if (member !== own.member) {
    return yield* runner.refuse(
      "OTHER_MEMBER",
      `${place} belongs to member ${member} of the cluster '${cluster}' (created by ${createdBy}), not to member ${own.member}; give each member a directory of its own`,
    );
  }
}

function sumOf(lines: string): string {
  const bytes = latin1Encode(lines);
  return crc32c(bytes, 0, bytes.length).toString(16).padStart(8, "0");
}
