/** One incarnation of a member's process, as the simulated network, disks and timers see it. */
import type { LinkInputs, MemberId } from "@kvorum/core";
import type { Target } from "./scheduler.ts";

export interface Host {
  readonly member: MemberId;
  /** False for ever once the process has crashed. */
  readonly isAlive: boolean;
  /**
   * To be asked before anything is handed to the process. False: it is dead, or it is paused and
   * `target.onDue(tag)` comes again when it goes on. True: the process runs, and its turn will end soon after.
   */
  admits(target: Target, tag: number): boolean;
  readonly links: LinkInputs;
}
