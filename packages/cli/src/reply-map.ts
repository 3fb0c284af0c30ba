/** The maps in which the KV commands answer: over RESP 2 a list of names and values in turn. */
import type { Reply } from "./connection.ts";
import { JsonError } from "./json.ts";

export class ReplyMap {
  readonly #values = new Map<string, Reply>();
  readonly #what: string;

  constructor(reply: Reply | undefined, what: string) {
    this.#what = what;
    const items = itemsOf(reply, what);
    for (let i = 0; i + 1 < items.length; i += 2)
      this.#values.set(textOf(items[i], `a name in ${what}`), items[i + 1] ?? null);
  }

  number(name: string): number {
    const value = this.#values.get(name);
    if (typeof value !== "number") throw new JsonError(`${this.#what}.${name}`, "a number");
    return value;
  }

  /** 0 when it is left out. */
  optionalNumber(name: string): number {
    return this.#values.has(name) ? this.number(name) : 0;
  }

  text(name: string): string {
    return textOf(this.#values.get(name), `${this.#what}.${name}`);
  }

  bytes(name: string): Buffer {
    const value = this.#values.get(name);
    if (!Buffer.isBuffer(value)) throw new JsonError(`${this.#what}.${name}`, "a text");
    return value;
  }

  isNull(name: string): boolean {
    return (this.#values.get(name) ?? null) === null;
  }

  map(name: string): ReplyMap {
    return new ReplyMap(this.#values.get(name), `${this.#what}.${name}`);
  }

  maps(name: string): ReplyMap[] {
    return this.#items(name).map((item) => new ReplyMap(item, `${this.#what}.${name}`));
  }

  numbers(name: string): number[] {
    return this.#items(name).map((item) => {
      if (typeof item !== "number") throw new JsonError(`${this.#what}.${name}`, "a list of numbers");
      return item;
    });
  }

  texts(name: string): string[] {
    return this.#items(name).map((item) => textOf(item, `${this.#what}.${name}`));
  }

  #items(name: string): readonly Reply[] {
    return itemsOf(this.#values.get(name), `${this.#what}.${name}`);
  }
}

function itemsOf(reply: Reply | undefined, what: string): readonly Reply[] {
  if (reply === undefined || reply === null || typeof reply === "number" || Buffer.isBuffer(reply)) {
    throw new JsonError(what, "a list");
  }
  return reply;
}

function textOf(reply: Reply | undefined, what: string): string {
  if (!Buffer.isBuffer(reply)) throw new JsonError(what, "a text");
  return reply.toString("utf8");
}
