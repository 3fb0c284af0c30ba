/**
 * The process of one skeleton: `node main.js ID DIR RESP_PORT PEER_PORT_1 PEER_PORT_2 PEER_PORT_3`. It says "ready"
 * to its parent when it is connected with both peers, and ends with it.
 */
import { mkdirSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { openRocksEngine, SendPool, Turn } from "@kvorum/server/parts";
import { Client, type ClientHost, type Reply } from "./client.ts";
import { FrameReader } from "./frame.ts";
import { Journal } from "./journal.ts";
import { SkeletonMember } from "./member.ts";
import { Outbox } from "./outbox.ts";
import { Values } from "./values.ts";

const DIAL_AGAIN_MS = 50;

/** A connection to each peer: the lower number dials, and says its own in the first byte. */
function peersOf(id: number, ports: readonly number[], server: Server): Promise<Map<number, Socket>> {
  const found = new Map<number, Socket>();
  return new Promise((resolve) => {
    const add = (peer: number, socket: Socket) => {
      found.set(peer, socket.setNoDelay(true));
      if (found.size === ports.length - 1) resolve(found);
    };
    const dial = (peer: number, port: number) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("error", () => setTimeout(() => dial(peer, port), DIAL_AGAIN_MS));
      socket.once("connect", () => {
        socket.write(Uint8Array.of(id));
        add(peer, socket);
      });
    };
    server.on("connection", (socket) => {
      socket.once("readable", () => {
        const first: unknown = socket.read(1);
        if (Buffer.isBuffer(first)) add(first[0] ?? 0, socket);
      });
    });
    ports.forEach((port, index) => {
      if (index + 1 > id) dial(index + 1, port);
    });
  });
}

function listen(port: number, server: Server): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

async function run(id: number, dir: string, respPort: number, peerPorts: readonly number[]): Promise<void> {
  mkdirSync(dir, { recursive: true });
  const turn = new Turn((error) => {
    throw error;
  });
  const arm = () => turn.arm();
  const engine = await openRocksEngine({ path: join(dir, "engine"), createIfMissing: true, onAnswered: arm });
  if ("code" in engine) throw new Error(engine.text);
  const peerServer = await listen(peerPorts[id - 1] ?? 0, createServer({ noDelay: true }));
  const sockets = await peersOf(id, peerPorts, peerServer);
  const pool = new SendPool();
  const peers = new Map([...sockets].map(([peer, socket]) => [peer, new Outbox(socket, pool)] as const));
  const journal = new Journal(dir, engine, arm);
  const values = new Values(engine);
  const member = new SkeletonMember({ journal, values, peers });
  for (const [peer, socket] of sockets) {
    const reader = new FrameReader(member);
    socket.on("error", () => process.exit());
    socket.on("data", (chunk: Buffer) => {
      reader.push(peer, chunk);
      arm();
    });
  }
  const touched: Client[] = [];
  const host: ClientHost = {
    onCommand: (args: readonly Buffer[], reply: Reply) => member.onCommand(args, reply),
    onTouched: (client) => void touched.push(client),
  };
  turn.add(() => {
    journal.onTurnEnd();
    values.onTurnEnd();
    for (const out of peers.values()) out.flush();
    for (const client of touched.splice(0)) client.flush();
  });
  const clients = createServer({ noDelay: true }, (socket) => {
    const client = new Client(host, socket, pool);
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk: Buffer) => {
      client.onBytes(chunk);
      arm();
    });
  });
  await listen(respPort, clients);
  process.send?.({ kind: "ready" });
}

process.on("disconnect", () => process.exit());
const [id = "", dir = "", respPort = "", ...peerPorts] = process.argv.slice(2);
await run(Number(id), dir, Number(respPort), peerPorts.map(Number));
