/** What the disks of members hold. */
import type { Bytes, MemberId } from "@kvorum/core";

export type Rows = readonly (readonly [Bytes, Bytes])[];

export type Disks = ReadonlyMap<MemberId, Rows>;
