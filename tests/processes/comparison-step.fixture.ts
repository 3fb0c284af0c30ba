/** One step of a comparison: what is sent to both servers, and how their replies compare. */
import { request } from "./raw-replies.fixture.ts";

export interface Step {
  /** For messages. */
  readonly name: string;
  readonly sent: string;
  readonly replies: number;
  /** `equal`: byte for byte; `like`: once the digits of integers and texts are masked; `differs`: not equal. */
  readonly kind: "equal" | "like" | "differs";
  /** Why they are not equal; empty when they are. */
  readonly reason: string;
  readonly words: readonly string[];
}

/** Words between spaces; `""` is an empty word. A character is a byte. */
type Said = string | readonly string[];

export function equal(...said: readonly Said[]): Step[] {
  return said.map((each) => step(each, "equal", ""));
}

export function like(reason: string, ...said: readonly Said[]): Step[] {
  return said.map((each) => step(each, "like", reason));
}

export function differs(reason: string, ...said: readonly Said[]): Step[] {
  return said.map((each) => step(each, "differs", reason));
}

/** Bytes as they are: inline commands, pipelines. */
export function raw(sent: string, replies: number): Step {
  return { name: JSON.stringify(sent), sent, replies, kind: "equal", reason: "", words: [] };
}

/** Several commands in one write. */
export function pipeline(...said: readonly Said[]): Step {
  const all = said.map(wordsOf);
  const sent = all.map(request).join("");
  const name = `pipeline of ${all.map((words) => words.join(" ")).join("; ")}`;
  return { name, sent, replies: all.length, kind: "equal", reason: "", words: all.flat() };
}

function step(said: Said, kind: Step["kind"], reason: string): Step {
  const words = wordsOf(said);
  const shown = JSON.stringify(words.join(" "));
  return { name: shown.slice(0, 200), sent: request(words), replies: 1, kind, reason, words };
}

function wordsOf(said: Said): readonly string[] {
  return typeof said === "string" ? said.split(" ").map((word) => (word === '""' ? "" : word)) : said;
}
