/** A member in a process of its own, warmed up, and what each hostile act does to it and to another client. */
import { once } from "node:events";
import { connect } from "node:net";
import { HostileClients, PREPARATIONS, type HostileAct } from "./hostile-acts.fixture.ts";
import { LoneMember } from "./lone-member.fixture.ts";
import { TestClient, bulk, request } from "./resp-server.fixture.ts";

const MIB = 1 << 20;
const WARM_ROUNDS = 60;

export interface Harm {
  /** Growth of the resident memory: while the act stands, after it, and at its peak, garbage included. */
  readonly standingBytes: number;
  readonly afterBytes: number;
  readonly peakBytes: number;
  /** The longest that the member's event loop was kept during the act. */
  readonly delayMs: number;
  /** Whether another client was answered rightly while it stood. */
  readonly isServed: boolean;
}

export class HostileStand {
  readonly member: LoneMember;
  readonly #neighbour: TestClient;

  static async start(portsFrom: number): Promise<HostileStand> {
    const member = await LoneMember.start(portsFrom, {}, 1);
    const stand = new HostileStand(member, await client(member.port));
    await stand.#warmUp();
    return stand;
  }

  private constructor(member: LoneMember, neighbour: TestClient) {
    this.member = member;
    this.#neighbour = neighbour;
  }

  async measure({ name, act }: HostileAct): Promise<Harm> {
    const { member } = this;
    const clients = new HostileClients(member.port);
    const before = (await member.settled()).rssBytes;
    member.forgetPeak();
    await act(clients);
    const { delayMs } = await member.probe();
    const peak = member.peakBytes;
    const isServed = await this.#isServed(name);
    const standing = await member.settled();
    clients.leave();
    const after = await member.settled();
    return {
      standingBytes: standing.rssBytes - before,
      afterBytes: after.rssBytes - before,
      peakBytes: peak - before,
      delayMs,
      isServed,
    };
  }

  dispose(): Promise<void> {
    this.#neighbour.socket.destroy();
    return this.member.dispose();
  }

  async #isServed(text: string): Promise<boolean> {
    const expected = `+OK\r\n${bulk(text)}`;
    const asked = Buffer.concat([request("SET", "n", text), request("GET", "n")]);
    return (await this.#neighbour.ask(asked, expected)) === expected;
  }

  /** What any busy hour brings: many clients, small and large values, reads of many keys. */
  async #warmUp(): Promise<void> {
    for (const bytes of PREPARATIONS) await this.#neighbour.ask(bytes, "+OK\r\n");
    const clients = await Promise.all(Array.from({ length: 200 }, () => client(this.member.port)));
    const value = "v".repeat(1000);
    const answer = `+OK\r\n${bulk(value)}`;
    for (let round = 0; round < WARM_ROUNDS; round++) {
      const asked = clients.map((one, i) => one.ask(`SET key-${i} ${value}\r\nGET key-${i}\r\n`, answer));
      await Promise.all(asked);
    }
    const large = "x".repeat(MIB);
    const many = request("EXISTS", ...new Array<string>(4_000).fill("key-1"));
    for (const one of clients.slice(0, 20)) {
      await one.ask(request("SET", "warm", large), "+OK\r\n");
      await one.ask(request("MGET", "warm", "warm"), `*2\r\n${bulk(large)}${bulk(large)}`);
      await one.ask(many, ":4000\r\n");
    }
    for (const { socket } of clients) socket.destroy();
  }
}

async function client(port: number): Promise<TestClient> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  return new TestClient(socket);
}
