/** Conversations with a face over real sockets: what is said, and what comes back, byte for byte. */
import { expect } from "vitest";
import { TestClient, request, type TestFace } from "./resp-server.fixture.ts";

/** Words in, reply out; in order, on one connection. */
export type Conversation = readonly (readonly [words: string | readonly string[], reply: string])[];

export async function expectConversation(face: TestFace, conversation: Conversation): Promise<void> {
  const client = await TestClient.connect(face.port);
  for (const [words, reply] of conversation) {
    const said = typeof words === "string" ? words.split(" ") : words;
    const answer = await client.ask(request(...said), reply);
    expect({ said, answer }).toEqual({ said, answer: reply });
  }
}

export function array(...items: string[]): string {
  return `*${items.length}\r\n${items.join("")}`;
}

export const OK = "+OK\r\n";
export const NULL = "$-1\r\n";
