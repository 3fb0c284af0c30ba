/**
 * Whether a request was meant for this machine. A web page can make the browser of somebody on this machine ask a
 * name that its author has pointed at 127.0.0.1; such a request carries that name, and an honest one an address.
 */
import { isIP } from "node:net";

/** `host`: the header, such as `127.0.0.1:7501`; `names`: host names that are known to be ours, in lower case. */
export function isOwnHost(host: string | undefined, names: ReadonlySet<string>): boolean {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::[0-9]{1,5})?$/.exec(host ?? "") ?? [];
  if (bracketed !== undefined) return isIP(bracketed) === 6;
  const name = (plain ?? "").toLowerCase();
  return isIP(name) === 4 || name === "localhost" || names.has(name);
}
