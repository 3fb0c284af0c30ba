/** Everything that a member counts, put together when it is asked for; at other times this costs nothing. */
import type { MemberApi } from "@kvorum/core";
import { readiness } from "../http/readiness.ts";
import type { CommandMeter } from "../resp/command-meter.ts";
import type { FaceStats } from "../resp/session.ts";
import { doorFamilies, type DoorSources } from "./door-families.ts";
import { exposition } from "./exposition.ts";
import { family, single, type Family } from "./family.ts";
import type { HostStatus } from "./host-status.ts";
import type { LoopWatch } from "./loop-watch.ts";
import { hostFamilies, respFamilies } from "./process-families.ts";
import { statusFamilies } from "./status-families.ts";

export interface MetricSources {
  readonly member: MemberApi;
  readonly resp: { readonly stats: FaceStats; readonly meter: CommandMeter } & DoorSources;
  /** Connections that the HTTP face turned away. */
  readonly http: { readonly refused: number };
  readonly loop: Pick<LoopWatch, "delays">;
  readonly host: () => HostStatus;
}

export function metricsText({ member, resp, http, loop, host }: MetricSources): Promise<string> {
  const commands = resp.meter.read();
  const requests = commands.flatMap(({ command, outcomes }) =>
    outcomes.map(({ outcome, count }) => ({ labels: { command, outcome }, value: count })),
  );
  const facts = host();
  const families: Family[] = [
    family(["resp", "requests"], "counter", "Commands by what they ended in", requests),
    single(
      ["resp", "slowRequests"],
      "counter",
      "Commands that took log.slowRequestMs or longer",
      resp.meter.slow,
    ),
    ...respFamilies(resp.stats),
    ...doorFamilies(resp),
    single(
      ["http", "connectionsRefused"],
      "counter",
      "HTTP connections closed at once because there were too many",
      http.refused,
    ),
    readyFamily(member),
    releaseFamily(facts),
    ...hostFamilies(facts),
    ...statusFamilies(member.status()),
  ];
  return exposition(families, [
    {
      name: "kvorum_resp_request_seconds",
      help: "From the turn that reads a command to the end of the turn that sends its reply",
      rows: commands.map(({ command, latency }) => ({ labels: { command }, counts: latency })),
    },
    {
      name: "kvorum_process_loop_delay_seconds",
      help: "How late a timer ran that is due every 20 ms",
      rows: [{ labels: {}, counts: loop.delays }],
    },
  ]);
}

function readyFamily(member: MemberApi): Family {
  const samples = (["traffic", "restart"] as const).map((wanted) => ({
    labels: { for: wanted },
    value: readiness(member, wanted).ready ? 1 : 0,
  }));
  return family(["ready"], "gauge", "What /readyz answers: 1 for yes", samples);
}

function releaseFamily({ release, node }: HostStatus): Family {
  return family(["buildInfo"], "gauge", "Always 1; the labels say what runs", [
    { labels: { release, node }, value: 1 },
  ]);
}
