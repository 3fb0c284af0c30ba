import type { Socket } from "node:net";

/** The socket goes after so many ms, if it has not gone by itself. */
export function destroyAfter(socket: Socket, ms: number): void {
  const timer = setTimeout(() => socket.destroy(), ms).unref();
  socket.once("close", () => clearTimeout(timer));
}
