/** What a command touches of the process around it. */
export interface Terminal {
  out(text: string | Uint8Array): void;
  err(text: string): void;
  /** Where bars are drawn; null: nobody would see them. */
  readonly progress: NodeJS.WritableStream | null;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The real one. A reader that goes away (`kvorum status | head`) is no error. */
export function processTerminal(): Terminal {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    progress: process.stderr.isTTY ? process.stderr : null,
    env: process.env,
  };
}

export function printJson(terminal: Terminal, value: unknown): void {
  terminal.out(`${JSON.stringify(value, null, 2)}\n`);
}
