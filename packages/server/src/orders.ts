/** What a supervisor may tell a member while it runs, over their IPC channel. */
import { isIP } from "node:net";
import type { Address, MemberId } from "@kvorum/core";

export interface CallAt {
  readonly kind: "call-at";
  readonly peer: MemberId;
  /** Where to call it from now on: a proxy stands there. */
  readonly address: Address;
}

/** Null: it is not one that is known here. */
function readOrder(message: unknown): CallAt | null {
  if (typeof message !== "object" || message === null) return null;
  if (!("kind" in message && message.kind === "call-at" && "peer" in message && "address" in message))
    return null;
  const { peer, address } = message;
  if (typeof peer !== "number" || typeof address !== "object" || address === null) return null;
  if (!("host" in address && "port" in address)) return null;
  const { host, port } = address;
  if (typeof host !== "string" || isIP(host) === 0 || typeof port !== "number") return null;
  return { kind: "call-at", peer, address: { host, port } };
}

/** Collects orders from the first moment on; they are carried out once there is a member to do it. */
export class Orders {
  readonly #waiting: CallAt[] = [];
  #follow: ((order: CallAt) => void) | null = null;

  constructor(channel: { on(event: "message", listener: (message: unknown) => void): unknown }) {
    channel.on("message", (message) => {
      const order = readOrder(message);
      if (order === null) return;
      if (this.#follow === null) this.#waiting.push(order);
      else this.#follow(order);
    });
  }

  follow(act: (order: CallAt) => void): void {
    this.#follow = act;
    for (const order of this.#waiting.splice(0)) act(order);
  }
}
