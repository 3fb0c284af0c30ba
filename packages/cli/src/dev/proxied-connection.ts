/**
 * One connection that passes through a proxy: two sockets, and the two ways between them. A way that is cut passes
 * nothing on, not even the news that its sender has gone. What was sent waits in the sockets' buffers, as it does
 * under TCP when a cable is cut, and arrives when the way is mended, if somebody is still there to take it.
 */
import type { Socket } from "node:net";

class Way {
  readonly #from: Socket;
  readonly #to: Socket;
  #isCut = false;
  #isSenderGone = false;
  /** Whether anything has passed. */
  isUsed = false;

  constructor(from: Socket, to: Socket) {
    this.#from = from;
    this.#to = to;
    from.on("data", (chunk: Buffer) => {
      this.isUsed = true;
      if (!to.write(chunk)) from.pause();
    });
    to.on("drain", () => {
      if (!this.#isCut) from.resume();
    });
    from.on("end", () => to.end());
    from.on("error", () => undefined);
    from.on("close", () => {
      this.#isSenderGone = true;
      if (!this.#isCut) to.destroy();
    });
  }

  set isCut(isCut: boolean) {
    this.#isCut = isCut;
    if (isCut) this.#from.pause();
    else if (this.#isSenderGone) this.#to.destroy();
    else this.#from.resume();
  }
}

export class ProxiedConnection {
  /** From the one who dialled, and back to it. */
  readonly out: Way;
  readonly back: Way;
  readonly #near: Socket;
  readonly #far: Socket;

  /** `near` was accepted and is paused; `far` may still be connecting. Both may be half open. */
  constructor(near: Socket, far: Socket, onGone: (connection: ProxiedConnection) => void) {
    this.#near = near;
    this.#far = far;
    this.out = new Way(near, far);
    this.back = new Way(far, near);
    const look = (): void => {
      if (near.destroyed && far.destroyed) onGone(this);
    };
    near.on("close", look);
    far.on("close", look);
    near.resume();
  }

  /** Both sides have said something to each other. */
  get isUsed(): boolean {
    return this.out.isUsed && this.back.isUsed;
  }

  destroy(): void {
    this.#near.destroy();
    this.#far.destroy();
  }
}
