/** `kvorum get`, `put` and `delete`. */
import { InvalidArgumentError, Option, type Command } from "commander";
import { DEFAULT_LIMITS } from "@kvorum/core";
import { ask } from "../ask.ts";
import { EXIT, type ExitCode } from "../failure.ts";
import { homesWanted, wholeNumber, withKeyOptions, type KeyOptions } from "../options.ts";
import { expiryText, jsonValue, shownBytes } from "../printable.ts";
import { ReplyMap } from "../reply-map.ts";
import { serversToAsk } from "../servers.ts";
import { table } from "../table.ts";
import { printJson, type Terminal } from "../terminal.ts";

interface GetOptions extends KeyOptions {
  readonly r?: string;
  readonly timeoutMs?: number;
}

interface PutOptions extends KeyOptions {
  readonly w?: string;
  readonly context?: string;
  readonly durability?: string;
  readonly ttlMs?: number;
  readonly timeoutMs?: number;
}

/** How much longer than the request's deadline an answer is waited for. */
const PATIENCE_MS = 2000;
/** The deadline of a read that names none is the member's affair; after this long another member is asked. */
const READ_MS = 8000;

export function addValues(program: Command, terminal: Terminal, done: (code: ExitCode) => void): void {
  withKeyOptions(program.command("get <key>"))
    .description("print the value of a key; exits 1 when there is none")
    .addOption(
      new Option("--r <homes>", "homes that must answer: a number, one, quorum, all").argParser(homesWanted),
    )
    .addOption(timeoutOption())
    .action(async (key: string, options: GetOptions) => done(await get(key, options, terminal)));
  withWriteOptions(program.command("put <key> <value>"))
    .description("set the value of a key and print the receipt")
    .addOption(
      new Option("--ttl-ms <ms>", "how long the value lives").argParser(
        wholeNumber(1, DEFAULT_LIMITS.ttlMsMax),
      ),
    )
    .action(async (key: string, value: string, options: PutOptions) =>
      done(await put(key, value, options, terminal)),
    );
  withWriteOptions(program.command("delete <key>"))
    .description("delete a key and print the receipt; exits 1 when there was nothing")
    .action(async (key: string, options: PutOptions) => done(await remove(key, options, terminal)));
}

function timeoutOption(): Option {
  const parser = wholeNumber(1, DEFAULT_LIMITS.timeoutMsMax);
  return new Option("--timeout-ms <ms>", "how long the request may take").argParser(parser);
}

function withWriteOptions(command: Command): Command {
  return withKeyOptions(command)
    .addOption(
      new Option("--w <homes>", "homes that must have it: a number, one, quorum, all").argParser(homesWanted),
    )
    .addOption(new Option("--context <token>", "supersede exactly what a read returned").argParser(token))
    .addOption(
      new Option("--durability <kind>", "fsync: on disk; os: with the operating system").choices([
        "fsync",
        "os",
      ]),
    )
    .addOption(timeoutOption());
}

function token(text: string): string {
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  throw new InvalidArgumentError("It is the context that get --json or a receipt shows.");
}

async function get(key: string, options: GetOptions, terminal: Terminal): Promise<ExitCode> {
  const words = [...pair("R", options.r), ...pair("TIMEOUT", options.timeoutMs)];
  const reply = new ReplyMap(await send(terminal, options, "KV.GET", [key, ...words], true), "the answer");
  const versions = reply.maps("versions").map((version) => ({
    bytes: version.bytes("value"),
    dot: version.text("dot"),
    expiryMs: version.optionalNumber("expires_ms"),
  }));
  const context = reply.text("context");
  if (options.json === true) {
    const receipt = reply.map("receipt");
    printJson(terminal, {
      key,
      found: versions.length > 0,
      versions: versions.map(({ bytes, dot, expiryMs }) => ({ ...jsonValue(bytes), dot, expiryMs })),
      tombstones: reply.number("tombstones"),
      context,
      receipt: {
        r: receipt.number("r"),
        answered: receipt.numbers("answered"),
        epoch: receipt.number("epoch"),
      },
    });
  } else if (versions.length > 1) {
    const where = options.namespace === undefined ? "" : ` --namespace ${options.namespace}`;
    const rows = versions.map(({ bytes, dot, expiryMs }) => [
      shownBytes(bytes, 60),
      dot,
      expiryText(expiryMs),
    ]);
    terminal.out(
      `${key} has ${versions.length} concurrent values, newest first\n\n` +
        `${table(["value", "version", "expires"], rows)}\n` +
        `Resolve them with:\n  kvorum put ${key} VALUE --context ${context}${where}\n`,
    );
  } else {
    const [only] = versions;
    if (only === undefined) terminal.err(`${key} is absent\n`);
    else terminal.out(Buffer.concat([only.bytes, Buffer.from("\n")]));
  }
  return versions.length > 0 ? EXIT.yes : EXIT.no;
}

async function put(key: string, value: string, options: PutOptions, terminal: Terminal): Promise<ExitCode> {
  const words = [...writeWords(options), ...pair("TTL", options.ttlMs)];
  const reply = new ReplyMap(
    await send(terminal, options, "KV.PUT", [key, value, ...words], false),
    "the receipt",
  );
  const receipt = receiptOf(reply);
  if (options.json === true) printJson(terminal, { key, receipt });
  else terminal.out(receiptText(`${key} is stored`, receipt));
  return EXIT.yes;
}

async function remove(key: string, options: PutOptions, terminal: Terminal): Promise<ExitCode> {
  const reply = new ReplyMap(
    await send(terminal, options, "KV.DEL", [key, ...writeWords(options)], false),
    "the answer",
  );
  const existed = reply.number("existed") === 1;
  const receipt = reply.isNull("receipt") ? null : receiptOf(reply.map("receipt"));
  if (options.json === true) printJson(terminal, { key, existed, receipt });
  else if (receipt === null) terminal.err(`${key} is absent; nothing was written\n`);
  else
    terminal.out(
      receiptText(existed ? `${key} is deleted` : `${key} was absent; the delete is stored`, receipt),
    );
  return existed ? EXIT.yes : EXIT.no;
}

async function send(
  terminal: Terminal,
  options: GetOptions & PutOptions,
  name: string,
  words: readonly string[],
  repeatable: boolean,
): Promise<Awaited<ReturnType<typeof ask>>["reply"]> {
  const servers = serversToAsk({ server: options.server ?? null, dir: options.dir, env: terminal.env });
  // Nobody can be asked again to write, so a member that raised its default deadline is waited for.
  const usualMs = repeatable ? READ_MS : DEFAULT_LIMITS.timeoutMsMax;
  const timeoutMs = (options.timeoutMs ?? usualMs) + PATIENCE_MS;
  return (await ask(servers, { name, words, namespace: options.namespace, timeoutMs, repeatable })).reply;
}

function writeWords({ w, context, durability, timeoutMs }: PutOptions): string[] {
  return [
    ...pair("W", w),
    ...pair("CONTEXT", context),
    ...pair("DURABILITY", durability),
    ...pair("TIMEOUT", timeoutMs),
  ];
}

function pair(name: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [name, String(value)];
}

type ReceiptRow = ReturnType<typeof receiptOf>;

function receiptOf(reply: ReplyMap) {
  return {
    context: reply.text("context"),
    dot: reply.text("dot"),
    coordinator: reply.number("coordinator"),
    w: reply.number("w"),
    homes: reply.numbers("homes"),
    fallbacks: reply.numbers("fallbacks"),
    fsynced: reply.number("fsynced"),
    zones: reply.texts("zones"),
    regions: reply.texts("regions"),
    epoch: reply.number("epoch"),
  };
}

function receiptText(title: string, receipt: ReceiptRow): string {
  const { homes, w, fsynced, zones, coordinator, dot, epoch, context } = receipt;
  return [
    title,
    `  homes        ${homes.length} (members ${homes.join(", ")}), wanted ${w}`,
    `  on disk      ${fsynced}`,
    `  zones        ${zones.join(", ")}`,
    `  coordinator  member ${coordinator}`,
    `  version      ${dot}, epoch ${epoch}`,
    `  context      ${context}`,
    "",
  ].join("\n");
}
