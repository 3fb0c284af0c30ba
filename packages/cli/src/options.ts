/** The options that several commands share, and how their values are read. */
import { InvalidArgumentError, Option, type Command } from "commander";

export interface CommonOptions {
  readonly json?: boolean;
  readonly server?: string;
  readonly dir: string;
}

export function withCommonOptions(command: Command): Command {
  return command
    .addOption(new Option("--json", "print JSON"))
    .addOption(new Option("--server <host:port>", "ask this member only (also: KVORUM_SERVER)"))
    .addOption(new Option("--dir <dir>", "where to look for a local cluster").default(".kvorum"));
}

/** For commands that are about keys. */
export interface KeyOptions extends CommonOptions {
  readonly namespace?: string;
}

export function withKeyOptions(command: Command): Command {
  return withCommonOptions(command).addOption(
    new Option("--namespace <name>", "whose keys (default); see kvorum namespace list"),
  );
}

/** Digits only: no sign, no exponent, no spaces. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^[0-9]{1,15}$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

/** How many homes: as the RESP face takes it. */
export function homesWanted(text: string): string {
  const word = text.toLowerCase();
  if (["one", "quorum", "all"].includes(word) || /^[1-9][0-9]{0,2}$/.test(word)) return word;
  throw new InvalidArgumentError("It must be a number of homes, or one, quorum or all.");
}
