/**
 * Starts the members of a local cluster, answers `kvorum dev stop 2` and its kin, and ends them all when it ends.
 * A member that dies by itself is reported and left dead: whoever tries out failures wants to see them.
 */
import type { Server } from "node:net";
import type { ControlAnswer, ControlRequest, LinkRequest, MemberRequest } from "./control.ts";
import type { DevDirectory } from "./dev-directory.ts";
import { removeDevFile, writeDevFile } from "./dev-file.ts";
import { Guard } from "./guard.ts";
import { MemberChild, type ChildUser, type Verdict } from "./member-child.ts";
import { untilMet } from "./meet.ts";
import { MemberLinks, type LinksUser } from "./member-links.ts";
import { writeConfig, type MemberPlan } from "./member-plan.ts";
import type { ProxyAddress } from "./link-proxy.ts";
import type { DevSettings } from "./settings.ts";

/** A signal meant for all reaches members and supervisor in any order: wait this long before calling it a death. */
const DEATH_WAIT_MS = 200;

export class Supervisor implements ChildUser, LinksUser {
  readonly #directory: DevDirectory;
  readonly #settings: DevSettings;
  readonly #tell: (line: string) => void;
  readonly #children: MemberChild[];
  readonly #guard: Guard;
  readonly #links: MemberLinks;
  /** Where each member calls others through a proxy, by names. */
  readonly #overrides = new Map<string, Record<string, string>>();
  /** Requests about one member are served one after the other. */
  readonly #queues = new Map<MemberChild, Promise<unknown>>();
  #stopping = false;

  constructor(
    directory: DevDirectory,
    settings: DevSettings,
    plans: readonly MemberPlan[],
    tell: (line: string) => void,
  ) {
    this.#directory = directory;
    this.#settings = settings;
    this.#tell = tell;
    this.#children = plans.map((plan) => new MemberChild(plan, directory, this));
    this.#guard = new Guard(directory.root);
    this.#links = new MemberLinks(plans, this);
  }

  get stopping(): boolean {
    return this.#stopping;
  }

  /** Starts all members. Null when they are up, else what went wrong. */
  async start(): Promise<string | null> {
    const verdicts = await Promise.all(this.#children.map((child) => child.start()));
    const failed = verdicts.filter(({ ok }) => !ok).map(({ text }) => text);
    if (failed.length > 0) return failed.join("\n");
    const servers = this.#children.map(({ plan }) => respOf(plan));
    await untilMet(servers, () => this.#stopping);
    return null;
  }

  /** Ends all members, in order where that is possible, and forgets that they ran. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const running = this.#children.filter(({ pid }) => pid !== 0);
    await Promise.all(running.map((child) => child.stop()));
    for (const { plan, mishap } of running) {
      if (mishap !== "") this.#tell(`${plan.name} did not stop in order: ${mishap}`);
    }
    this.#links.close();
    removeDevFile(this.#directory);
  }

  /** The same without waiting, for when there is no more time. */
  killNow(): void {
    this.#stopping = true;
    for (const child of this.#children) child.killNow();
  }

  pids(): number[] {
    return this.#children.map((child) => child.pid);
  }

  answer(request: ControlRequest): Promise<ControlAnswer> {
    switch (request.verb) {
      case "who":
        return Promise.resolve(answerOf({ ok: true, text: this.#settings.cluster }));
      case "partition":
      case "heal":
        return this.#answerForLink(request);
      default:
        return this.#answerForMember(request);
    }
  }

  callThrough(caller: MemberPlan, called: MemberPlan, { host, port }: ProxyAddress): boolean {
    const overrides = { ...this.#overrides.get(caller.name), [called.name]: `${host}:${port}` };
    this.#overrides.set(caller.name, overrides);
    const plans = this.#children.map(({ plan }) => plan);
    writeConfig(this.#directory, this.#settings, plans, caller, overrides);
    const one = this.#find(caller.name);
    one?.order({ kind: "call-at", peer: called.id, address: { host, port } });
    return one?.state === "up" && this.#find(called.name)?.state === "up";
  }

  onCutsChange(): void {
    if (!this.#stopping) this.#writeDevFile();
  }

  async #answerForLink({ verb, link, oneWay }: LinkRequest): Promise<ControlAnswer> {
    if (this.#stopping) return answerOf({ ok: false, text: "the cluster is stopping" });
    const verdict = await (verb === "heal" ? this.#links.heal(link) : this.#links.cut(link, oneWay));
    if (verdict.ok) this.#tell(verdict.text);
    return answerOf(verdict);
  }

  #answerForMember({ verb, member }: MemberRequest): Promise<ControlAnswer> {
    const child = this.#find(member);
    if (child === null) {
      const text = `there is no member ${member}: they are numbered 1 to ${this.#children.length}`;
      return Promise.resolve(answerOf({ ok: false, text }));
    }
    const before = this.#queues.get(child) ?? Promise.resolve();
    const answer = before.then(async () => {
      if (this.#stopping) return answerOf({ ok: false, text: "the cluster is stopping" });
      const verdict = await child[verb]();
      if (verdict.ok) this.#tell(verdict.text);
      return answerOf(verdict);
    });
    this.#queues.set(
      child,
      answer.catch(() => {}),
    );
    return answer;
  }

  onChange(): void {
    this.#guard.watch(this.pids().filter((pid) => pid !== 0));
    if (!this.#stopping) this.#writeDevFile();
  }

  onDeath(child: MemberChild, how: string): void {
    const { id, name } = child.plan;
    setTimeout(() => {
      if (this.#stopping) return;
      const log = this.#directory.logFile(name);
      this.#tell(`${name} is gone: ${how} (its log: ${log}); start it again: kvorum dev start ${id}`);
    }, DEATH_WAIT_MS);
  }

  #find(member: string): MemberChild | null {
    return this.#children.find(({ plan }) => plan.name === member || String(plan.id) === member) ?? null;
  }

  #writeDevFile(): void {
    writeDevFile(this.#directory, {
      format: 1,
      cluster: this.#settings.cluster,
      pid: process.pid,
      control: this.#directory.controlSocket,
      members: this.#children.map(({ plan, pid, state }) => ({
        id: plan.id,
        name: plan.name,
        pid,
        state,
        resp: respOf(plan),
        http: `127.0.0.1:${plan.httpPort}`,
        peer: `127.0.0.1:${plan.peerPort}`,
        data: this.#directory.dataDir(plan.name),
        log: this.#directory.logFile(plan.name),
      })),
      cuts: this.#links.cuts,
    });
  }
}

function respOf(plan: MemberPlan): string {
  return `127.0.0.1:${plan.respPort}`;
}

function answerOf({ ok, text }: Verdict): ControlAnswer {
  return { ok, text, pid: process.pid };
}

/** Closes the control socket and with it the claim on the directory. */
export function closeControl(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
