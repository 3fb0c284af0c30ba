/** A bar for what takes longer than a moment. */
import { Presets, SingleBar } from "cli-progress";
import type { Terminal } from "./terminal.ts";

export interface Progress {
  /** `done` of all; `text` stands behind the bar. */
  show(done: number, text: string): void;
  end(): void;
}

/** Nothing is shown where nobody looks at a terminal. */
export function progressOf({ progress }: Terminal, total: number): Progress {
  if (progress === null) return { show: () => {}, end: () => {} };
  const format = "{bar} {percentage} %, {text}";
  const options = { stream: progress, format, clearOnComplete: true, hideCursor: true };
  const bar = new SingleBar(options, Presets.shades_classic);
  bar.start(total, 0, { text: "" });
  return {
    show: (done, text) => bar.update(done, { text }),
    end: () => bar.stop(),
  };
}
