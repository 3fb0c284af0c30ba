/**
 * The last line against processes left behind. A member notices the death of its supervisor by itself, but not
 * while it is paused. So a shell waits at the end of a pipe that only the supervisor holds: when that closes, it
 * resumes the members whose pids it was told last, and kills whichever has not ended some seconds later. Before
 * it kills it looks whether the process is still the one it was told of.
 */
import { spawn, type ChildProcess } from "node:child_process";

const script = `
trap '' HUP INT TERM
pids=
while read -r line; do pids=$line; done
[ -n "$pids" ] || exit 0
kill -CONT $pids 2>/dev/null
tries=0
while [ $tries -lt 5 ]; do
  sleep 1
  tries=$((tries + 1))
  left=
  for pid in $pids; do
    words=$(tr '\\000' ' ' <"/proc/$pid/cmdline" 2>/dev/null || ps -o args= -p "$pid" 2>/dev/null)
    case $words in *"$1"*) left="$left $pid" ;; esac
  done
  [ -n "$left" ] || exit 0
done
kill -KILL $left 2>/dev/null
`;

export class Guard {
  readonly #shell: ChildProcess;

  /** `mark` is what the command line of every member contains. */
  constructor(mark: string) {
    // Detached: a Ctrl-C is for the supervisor, and a kill of its whole process group must not reach the guard.
    this.#shell = spawn("/bin/sh", ["-c", script, "kvorum-guard", mark], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
      cwd: "/",
    });
    // Without a shell there is no guard, and members still end with their supervisor unless they are paused.
    this.#shell.on("error", () => {});
    this.#shell.stdin?.on("error", () => {});
    this.#shell.unref();
  }

  /** Who is to end with this process. */
  watch(pids: readonly number[]): void {
    this.#shell.stdin?.write(`${pids.join(" ")}\n`);
  }
}
