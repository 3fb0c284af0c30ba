/** The Transport port of one process. What was written goes out at the end of the turn, in one chunk per link. */
import type { Lane, LinkId, LinkWriter, MemberId, Transport } from "@kvorum/core";
import type { Host } from "./host.ts";
import type { LinkEnd } from "./link-end.ts";
import type { Listener, Network } from "./network.ts";
import type { Pipe } from "./pipe.ts";

interface Carrier {
  readonly end: LinkEnd;
  readonly pipe: Pipe;
}

export class SimTransport implements Transport, Listener {
  readonly host: Host;
  readonly #network: Network;
  readonly #carriers = new Map<LinkId, Carrier>();
  readonly #written: Carrier[] = [];
  #links = 0;

  constructor(host: Host, network: Network) {
    this.host = host;
    this.#network = network;
  }

  get transport(): SimTransport {
    return this;
  }

  dial(peer: MemberId, lane: Lane): void {
    this.#network.dial(this, peer, lane);
  }

  writer(link: LinkId): LinkWriter | null {
    const carrier = this.#carriers.get(link);
    if (carrier === undefined) return null;
    const { end, pipe } = carrier;
    if (!end.isOpen) {
      this.#carriers.delete(link);
      return null;
    }
    if (!pipe.hasRoom) return null;
    if (end.writer.end === 0) this.#written.push(carrier);
    return end.writer;
  }

  close(link: LinkId): void {
    const carrier = this.#carriers.get(link);
    if (carrier === undefined) return;
    this.#carriers.delete(link);
    if (!carrier.end.isOpen) return;
    send(carrier);
    carrier.pipe.end("closed by peer");
    carrier.end.shut("closed");
  }

  /** To be called at the end of every turn. */
  flush(): void {
    for (const carrier of this.#written) send(carrier);
    this.#written.length = 0;
  }

  nextLink(): LinkId {
    return ++this.#links;
  }

  adopt(end: LinkEnd, pipe: Pipe): void {
    this.#carriers.set(end.link, { end, pipe });
  }
}

function send({ end, pipe }: Carrier): void {
  if (end.writer.end === 0) return;
  const chunk = end.writer.take();
  if (end.isOpen) pipe.send(chunk);
}
