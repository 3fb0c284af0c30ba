/** What clients and operators see of a member: RESP, HTTP, and who watches the process for them. */
import type { Address, Member } from "@kvorum/core";
import type { MemberConfig } from "./config/member-config.ts";
import { DataSize } from "./environment/data-size.ts";
import type { FreeDisk } from "./environment/free-disk.ts";
import { HttpServer } from "./http/server.ts";
import { hostStatus, type HostStatus } from "./observability/host-status.ts";
import type { Log } from "./observability/log.ts";
import { LoopWatch } from "./observability/loop-watch.ts";
import { metricsText } from "./observability/metrics.ts";
import { RespServer } from "./resp/server.ts";
import type { Turn } from "./transport/turn.ts";

interface FaceParts {
  readonly config: MemberConfig;
  readonly log: Log;
  readonly turn: Turn;
  readonly member: Member;
  readonly disk: FreeDisk;
  readonly release: string;
}

export class Faces {
  readonly #config: MemberConfig;
  readonly #resp: RespServer;
  readonly #http: HttpServer;
  readonly #data: DataSize;
  readonly #loop: LoopWatch;

  /** Adds the end of RESP's turn to the turn; nothing listens yet. */
  constructor({ config, log, turn, member, disk, release }: FaceParts) {
    const data = new DataSize(config.dir);
    const loop = new LoopWatch(log);
    const host = (): HostStatus => hostStatus({ release, disk, data, loop });
    const { slowRequestMs, allowFlush, clients: limits } = config;
    const resp = new RespServer({ member, turn, events: log, host, slowRequestMs, allowFlush, limits });
    turn.add(() => resp.flush());
    const metrics = (): Promise<string> => metricsText({ member, resp, http: this.#http, loop, host });
    this.#config = config;
    this.#data = data;
    this.#loop = loop;
    this.#resp = resp;
    this.#http = new HttpServer({ member, events: log, metrics });
  }

  /** `begin` listens at an address that is used for so and so; it names both when that fails. */
  async listen(
    begin: (use: string, address: Address, listen: () => Promise<unknown>) => Promise<void>,
  ): Promise<void> {
    const { resp, http } = this.#config.listen;
    await begin("redis", resp, () => this.#resp.listen(resp.host, resp.port));
    await begin("http", http, () => this.#http.listen(http.host, http.port));
  }

  /** Clients are answered what they have asked. */
  async close(): Promise<void> {
    this.#data.stop();
    this.#loop.stop();
    await Promise.all([this.#resp.close(), this.#http.close()]);
  }
}
