/** Who the members of a local cluster are: names, failure domains and ports follow from their number. */
import { renderConfig, type ConfigInput } from "@kvorum/server";
import { writeWhole, type DevDirectory } from "./dev-directory.ts";
import type { DevSettings } from "./settings.ts";
import type { WantedPort } from "./ports.ts";

export interface MemberPlan {
  readonly id: number;
  readonly name: string;
  readonly zone: string;
  readonly host: string;
  readonly respPort: number;
  readonly httpPort: number;
  readonly peerPort: number;
}

export function planMembers(settings: DevSettings): MemberPlan[] {
  return Array.from({ length: settings.members }, (_, index) => {
    const id = index + 1;
    return {
      id,
      name: `member-${id}`,
      // Each its own host: they share a machine, but nobody would try out a cluster that has one copy of each key.
      host: `host-${id}`,
      zone: `zone-${(index % settings.zones) + 1}`,
      respPort: settings.portBase + id,
      httpPort: settings.portBase + 100 + id,
      peerPort: settings.portBase + 200 + id,
    };
  });
}

export function portsOf(plan: MemberPlan): WantedPort[] {
  return [
    { port: plan.respPort, use: `redis of ${plan.name}` },
    { port: plan.httpPort, use: `HTTP of ${plan.name}` },
    { port: plan.peerPort, use: `peers of ${plan.name}` },
  ];
}

/** Where a member is to call others, by their names; a proxy is there. */
export type Overrides = Readonly<Record<string, string>>;

/** Writes a member's configuration: the same that `kvorum start` takes. */
export function writeConfig(
  directory: DevDirectory,
  settings: DevSettings,
  plans: readonly MemberPlan[],
  { name }: MemberPlan,
  peerOverrides: Overrides = {},
): void {
  const members = plans.map((plan) => ({
    id: plan.id,
    name: plan.name,
    host: plan.host,
    zone: plan.zone,
    region: "region-1",
    weight: 100,
    peer: `127.0.0.1:${plan.peerPort}`,
    resp: `127.0.0.1:${plan.respPort}`,
    http: `127.0.0.1:${plan.httpPort}`,
  }));
  const namespaces = settings.namespaces.map((namespace) => ({
    name: namespace.name,
    policy: namespace.policy,
    n: 3,
  }));
  const config: ConfigInput = {
    cluster: settings.cluster,
    self: name,
    dir: directory.dataDir(name),
    members,
    namespaces,
    allowFlush: settings.allowFlush,
    ...(Object.keys(peerOverrides).length === 0 ? {} : { peerOverrides }),
  };
  writeWhole(directory.configFile(name), renderConfig(config));
}
