/**
 * The links between the members of a local cluster, as far as they have been cut. Members call each other directly
 * until the first cut between two of them: then a proxy is put between those two, and stays there for as long as the
 * cluster runs. So nobody pays for what nobody cuts, and a cut is silence and not the end of a connection.
 */
import type { Verdict } from "./member-child.ts";
import { LinkProxy, type ProxyAddress, type WayName } from "./link-proxy.ts";
import type { MemberPlan } from "./member-plan.ts";

/** Bytes between these two vanish, one way. */
export interface Cut {
  readonly from: number;
  readonly to: number;
}

export interface LinksUser {
  /** From now on `caller` is to call the other one there. True: the two run, and will. */
  callThrough(caller: MemberPlan, called: MemberPlan, address: ProxyAddress): boolean;
  onCutsChange(): void;
}

/** Members have a connection for requests and one for bulk. */
const LANES = 2;
/** How long to wait for the two to meet at the proxy, so that the cut finds their link there. */
const MEETING_MS = 2_000;

/** Two members; the lower one calls the higher. */
interface Pair {
  readonly low: MemberPlan;
  readonly high: MemberPlan;
}

interface Proxied extends Pair {
  readonly proxy: LinkProxy;
}

export class MemberLinks {
  readonly #plans: readonly MemberPlan[];
  readonly #user: LinksUser;
  /** By the numbers of the two, such as `1:3`. */
  readonly #proxied = new Map<string, Proxied>();
  /** Requests are served one after the other. */
  #queue: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(plans: readonly MemberPlan[], user: LinksUser) {
    this.#plans = plans;
    this.#user = user;
  }

  get cuts(): Cut[] {
    return [...this.#proxied.values()].flatMap(({ low, high, proxy }) => [
      ...(proxy.isCut("out") ? [{ from: low.id, to: high.id }] : []),
      ...(proxy.isCut("back") ? [{ from: high.id, to: low.id }] : []),
    ]);
  }

  /** Cuts a link, given as `A:B`: both ways, or only what A sends to B. */
  cut(link: string, isOneWay: boolean): Promise<Verdict> {
    const verdict = this.#queue.then(() => this.#cut(link, isOneWay));
    this.#queue = verdict.catch(() => undefined);
    return verdict;
  }

  /** Mends a link, or all when none is given. */
  heal(link: string): Promise<Verdict> {
    const verdict = this.#queue.then(() => (link === "" ? this.#healAll() : this.#heal(link)));
    this.#queue = verdict.catch(() => undefined);
    return verdict;
  }

  close(): void {
    this.#isClosed = true;
    for (const { proxy } of this.#proxied.values()) proxy.close();
  }

  async #cut(link: string, isOneWay: boolean): Promise<Verdict> {
    const ends = this.#endsOf(link);
    if (!ends.ok) return ends;
    const { from, to } = ends;
    const ways: WayName[] = isOneWay ? [from.id < to.id ? "out" : "back"] : ["out", "back"];
    const proxy = await this.#proxyBetween(inOrder(from, to));
    if (this.#isClosed) {
      proxy.close();
      return refusal("the cluster is stopping");
    }
    const heal = `kvorum dev heal ${from.id}:${to.id}`;
    if (ways.every((way) => proxy.isCut(way)))
      return refusal(`${link} is cut already; mend it with: ${heal}`);
    proxy.cut(...ways);
    this.#user.onCutsChange();
    const what =
      isOneWay && !(proxy.isCut("out") && proxy.isCut("back"))
        ? oneWayText(from, to)
        : bothWaysText(from, to);
    return { ok: true, text: `${what}; mend it with: ${heal}` };
  }

  #heal(link: string): Verdict {
    const ends = this.#endsOf(link);
    if (!ends.ok) return ends;
    const { from, to } = ends;
    const proxy = this.#proxied.get(nameOf(inOrder(from, to)))?.proxy;
    if (proxy === undefined || !(proxy.isCut("out") || proxy.isCut("back")))
      return refusal(
        `the link between ${from.name} and ${to.name} is not cut; cut it with: kvorum dev partition ${from.id}:${to.id}`,
      );
    proxy.mend();
    this.#user.onCutsChange();
    return { ok: true, text: `${from.name} and ${to.name} can reach each other again` };
  }

  #healAll(): Verdict {
    const wasCut = this.cuts.length > 0;
    for (const { proxy } of this.#proxied.values()) proxy.mend();
    this.#user.onCutsChange();
    return { ok: true, text: wasCut ? "every link is whole again" : "no link was cut" };
  }

  async #proxyBetween(pair: Pair): Promise<LinkProxy> {
    const name = nameOf(pair);
    const existing = this.#proxied.get(name);
    if (existing !== undefined) return existing.proxy;
    const { low, high } = pair;
    const proxy = new LinkProxy({ host: "127.0.0.1", port: high.peerPort });
    const address = await proxy.listen();
    this.#proxied.set(name, { low, high, proxy });
    if (this.#user.callThrough(low, high, address)) await proxy.carries(LANES, MEETING_MS);
    return proxy;
  }

  #endsOf(link: string): { ok: true; from: MemberPlan; to: MemberPlan } | { ok: false; text: string } {
    const [first = "", second = ""] = link.split(":");
    const from = this.#find(first);
    const to = this.#find(second);
    if (from === null || to === null) {
      const unknown = from === null ? first : second;
      return refusal(`there is no member ${unknown}: they are numbered 1 to ${this.#plans.length}`);
    }
    if (from === to) return refusal(`${link} names one member twice; say whom it is to be cut off from`);
    return { ok: true, from, to };
  }

  #find(member: string): MemberPlan | null {
    return this.#plans.find(({ id, name }) => name === member || String(id) === member) ?? null;
  }
}

function inOrder(a: MemberPlan, b: MemberPlan): Pair {
  return a.id < b.id ? { low: a, high: b } : { low: b, high: a };
}

function nameOf({ low, high }: Pair): string {
  return `${low.id}:${high.id}`;
}

function bothWaysText(from: MemberPlan, to: MemberPlan): string {
  return `${from.name} and ${to.name} are cut off from each other`;
}

function oneWayText(from: MemberPlan, to: MemberPlan): string {
  return `what ${from.name} sends to ${to.name} vanishes`;
}

function refusal(text: string): { ok: false; text: string } {
  return { ok: false, text };
}
