/** Namespaces by the names that clients give. */
import type { Bytes, NamespaceInfo, Topology } from "@kvorum/core";
import { utf8 } from "./arguments.ts";

const ECHO_BYTES_MAX = 64;
const LISTED_MAX = 20;

/** The namespace, or the words that say which ones there are. */
export function namespaceNamed({ namespaces }: Topology, name: Bytes): NamespaceInfo | string {
  const wanted = utf8(name);
  const found = namespaces.find((namespace) => namespace.name === wanted);
  if (found !== undefined) return found;
  const shown = utf8(name.subarray(0, ECHO_BYTES_MAX));
  const listed = namespaces.slice(0, LISTED_MAX).map((namespace) => namespace.name);
  const more = namespaces.length > LISTED_MAX ? ` and ${namespaces.length - LISTED_MAX} more` : "";
  return `ERR no namespace '${shown}'; this cluster has ${listed.join(", ")}${more}`;
}
