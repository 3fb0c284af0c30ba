/** Addresses as people write them: `127.0.0.1:7401`, `[::1]:7401`. */
import { isIP } from "node:net";
import type { Address } from "@kvorum/core";

const hostName = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;

/** Reads `HOST:PORT`; an IPv6 host stands in brackets. Null when it is not one. */
export function parseAddress(text: string): Address | null {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:[\]]*)):([0-9]{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port < 1 || port > 65_535) return null;
  if (bracketed !== undefined) return isIP(bracketed) === 6 ? { host: bracketed, port } : null;
  if (plain === undefined || !(isIP(plain) === 4 || hostName.test(plain))) return null;
  return { host: plain === "localhost" ? "127.0.0.1" : plain, port };
}

export function addressText(address: Address): string {
  return address.host.includes(":") ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}
