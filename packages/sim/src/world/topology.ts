/** The topology of a simulated cluster. */
import { type Topology, assert } from "@kvorum/core";
import type { CoreCode } from "./compose.ts";
import type { WorldOptions } from "./options.ts";

/** Every member on a host of its own (but for twins), in three zones, with equal weights. */
export function topologyOf(code: Pick<CoreCode, "formTopology">, options: WorldOptions): Topology {
  const last = options.machines.length - 1;
  const members = options.machines.map((_, index) => ({
    id: index + 1,
    name: `member-${index + 1}`,
    ...siteOf(options.twins && index === last ? last - 1 : index),
    region: "local",
    weight: 1,
    peer: { host: "127.0.0.1", port: 7601 + index },
    resp: { host: "127.0.0.1", port: 7401 + index },
    http: { host: "127.0.0.1", port: 7501 + index },
  }));
  const formed = code.formTopology(
    {
      cluster: "simulated",
      members,
      namespaces: [{ name: "default", policy: options.policy, n: options.replicas }],
      partitions: options.partitions,
      fallbacksMax: options.limits.fallbacksMax,
    },
    options.limits,
  );
  assert(formed.ok, "a simulated cluster has a topology");
  return formed.topology;
}

function siteOf(index: number): { readonly host: string; readonly zone: string } {
  return { host: `host-${index + 1}`, zone: `zone-${(index % 3) + 1}` };
}
