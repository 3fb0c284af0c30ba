/**
 * The log of a member: JSON lines on a descriptor (stderr, which `kvorum dev` points at a file). Written at once
 * and synchronously, because lines are rare and the last one before a crash is the one that matters. A line that
 * cannot be written now (a full disk, a pipe that nobody reads) is dropped and counted: a member never waits for
 * its log and never stops because of it.
 */
import { writeSync } from "node:fs";
import { pino, type Logger } from "pino";
import type { EventFields, EventLevel, Events } from "@kvorum/core";
import type { LogLevel } from "../config/member-config.ts";

class LineFile {
  readonly #file: number;
  #dropped = 0;

  constructor(file: number) {
    this.#file = file;
  }

  write(line: string): void {
    try {
      writeSync(this.#file, line);
      if (this.#dropped === 0) return;
      const dropped = this.#dropped;
      this.#dropped = 0;
      writeSync(this.#file, `${JSON.stringify({ level: "warn", event: "log-dropped", lines: dropped })}\n`);
    } catch {
      this.#dropped++;
    }
  }
}

export interface LogOptions {
  /** The member's name, on every line. */
  readonly member: string;
  readonly level: LogLevel;
  /** A descriptor that is open for appending. */
  readonly file: number;
  /** Ends the process; called after the line has been written. */
  readonly onFatal: (code: string, text: string) => void;
}

export class Log implements Events {
  readonly #logger: Logger;
  readonly #lifecycle: Logger;
  readonly #onFatal: (code: string, text: string) => void;

  constructor(options: LogOptions) {
    this.#logger = pino(
      {
        level: options.level,
        base: { member: options.member },
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label: string) => ({ level: label }) },
      },
      new LineFile(options.file),
    );
    // Starting and stopping are told at every level: a log that is quiet about them says nothing.
    this.#lifecycle = this.#logger.child({}, { level: "info" });
    this.#onFatal = options.onFatal;
  }

  event(level: EventLevel, name: string, text: string, fields: EventFields): void {
    this.#logger[level]({ event: name, ...fields }, text);
  }

  lifecycle(name: string, text: string, fields: EventFields): void {
    this.#lifecycle.info({ event: name, ...fields }, text);
  }

  fatal(code: string, text: string): void {
    this.#logger.fatal({ event: "fatal", code }, text);
    this.#onFatal(code, text);
  }
}
