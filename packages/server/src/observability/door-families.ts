/** What stands at the clients' door: what they hold, who waits, who was turned away or closed, as Prometheus names it. */
import type { Budgets } from "../resp/budget.ts";
import { CLOSE_REASONS, REFUSE_REASONS, type Closings } from "../resp/closings.ts";
import type { RespLimits } from "../resp/limits.ts";
import type { WalkQueues } from "../resp/session.ts";
import { family, single, type Family, type Sample } from "./family.ts";

export interface DoorSources {
  readonly limits: Pick<RespLimits, "connectionsMax">;
  readonly budgets: Budgets;
  readonly walks: WalkQueues;
  readonly closings: Closings;
}

export function doorFamilies({ limits, budgets, walks, closings }: DoorSources): Family[] {
  const { unfinished, inFlight, output, reading } = budgets;
  const held = { unfinished, in_flight: inFlight, output, reading };
  const { pages, lists, counts } = walks;
  const queues = { pages, lists, counts };
  return [
    single(
      ["resp", "connectionsMax"],
      "gauge",
      "Client connections beyond which others are turned away",
      limits.connectionsMax,
    ),
    family(
      ["resp", "connectionsRefused"],
      "counter",
      "Client connections turned away because there were connectionsMax; beyond turnedAwayMax at a time, without a word",
      REFUSE_REASONS.map((reason) => ({ labels: { reason }, value: closings.count(reason) })),
    ),
    family(
      ["resp", "connectionsClosed"],
      "counter",
      "Client connections that the member closed, by the limit they passed or by what happened",
      CLOSE_REASONS.map((reason) => ({ labels: { reason }, value: closings.count(reason) })),
    ),
    family(
      ["resp", "heldBytes"],
      "gauge",
      "Bytes that all clients hold: unfinished requests, commands in flight, unread replies, values being read",
      samples("of", held, ({ bytes }) => bytes),
    ),
    family(
      ["resp", "heldBytesMax"],
      "gauge",
      "The bounds of those",
      samples("of", held, ({ bytesMax }) => bytesMax),
    ),
    family(
      ["resp", "walks"],
      "gauge",
      "Pages of walks through keys, whole lists of keys and counts of keys that are under way",
      samples("of", queues, ({ underWay }) => underWay),
    ),
    family(
      ["resp", "walksWaiting"],
      "gauge",
      "The same that wait for their turn",
      samples("of", queues, ({ waiting }) => waiting),
    ),
  ];
}

function samples<T>(label: string, things: Readonly<Record<string, T>>, of: (thing: T) => number): Sample[] {
  return Object.entries(things).map(([name, thing]) => ({ labels: { [label]: name }, value: of(thing) }));
}
