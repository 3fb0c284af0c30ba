/** `dev.json`: what runs in a local cluster's directory right now, for the commands that look for it. */
import { readFileSync, rmSync } from "node:fs";
import { systemCodeOf, usage, wordsOf } from "../failure.ts";
import { listOf, objectOf, parseJson, stringOf } from "../json.ts";
import { writeWhole, type DevDirectory } from "./dev-directory.ts";
import type { Cut } from "./member-links.ts";

/** `stopped` and `killed` on request; `died` by itself. */
export type DevMemberState = "starting" | "up" | "paused" | "stopping" | "stopped" | "killed" | "died";

export interface DevFile {
  readonly format: 1;
  readonly cluster: string;
  /** Of the supervisor. */
  readonly pid: number;
  readonly control: string;
  readonly members: readonly DevMember[];
  /** By the numbers of members; bytes from one to the other vanish. */
  readonly cuts: readonly Cut[];
}

export interface DevMember {
  readonly id: number;
  readonly name: string;
  /** 0 when no process runs. */
  readonly pid: number;
  readonly state: DevMemberState;
  /** `HOST:PORT` each. */
  readonly resp: string;
  readonly http: string;
  readonly peer: string;
  readonly data: string;
  readonly log: string;
}

export function writeDevFile(directory: DevDirectory, file: DevFile): void {
  writeWhole(directory.devFile, `${JSON.stringify(file, null, 2)}\n`);
}

export function removeDevFile(directory: DevDirectory): void {
  rmSync(directory.devFile, { force: true });
}

/** What the file says of the control socket and of where members listen, or null when there is none. */
export function readDevFile(directory: DevDirectory): DevFileView | null {
  let text: string;
  try {
    text = readFileSync(directory.devFile, "utf8");
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT" || systemCodeOf(error) === "ENOTDIR") return null;
    throw usage(`cannot read ${directory.devFile}: ${wordsOf(error)}`);
  }
  try {
    const file = objectOf(parseJson(text, "it"), "it");
    const addressesOf = (face: string): string[] =>
      listOf(file["members"], "members", (item, what) => stringOf(objectOf(item, what)[face], what));
    const resp = addressesOf("resp");
    return {
      control: stringOf(file["control"], "control"),
      resp,
      ports: [...resp, ...addressesOf("peer")].map((address) =>
        Number(address.slice(address.lastIndexOf(":") + 1)),
      ),
    };
  } catch (error) {
    throw usage(`${directory.devFile} cannot be used: ${wordsOf(error)}`, "remove it");
  }
}

export interface DevFileView {
  readonly control: string;
  /** Where the members speak RESP, in order. */
  readonly resp: readonly string[];
  /** All that the members listen on. */
  readonly ports: readonly number[];
}
