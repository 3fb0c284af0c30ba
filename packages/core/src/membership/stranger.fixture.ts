/** Whoever talks to a member by hand, over a connection that the member has accepted. */
import { encodeHello } from "../wire/encode-link.ts";
import { FrameBuilder } from "../wire/frame-builder.ts";
import { FrameParser } from "../wire/frame-parser.ts";
import { MessageDecoder } from "../wire/message-decoder.ts";
import type { Hello } from "../wire/messages.ts";
import { type PlainMessage, Recorder, TestWriter } from "../wire/wire.fixture.ts";
import { topologyOf } from "./topology.fixture.ts";
import { type TestMember, type TestMemberOptions, World, birthOf } from "./world.fixture.ts";

export class Stranger {
  readonly member: TestMember;
  readonly #connection: ReturnType<TestMember["transport"]["accept"]>;
  readonly #recorder = new Recorder();
  readonly #parser: FrameParser;
  #read = 0;

  constructor(member: TestMember) {
    this.member = member;
    this.#connection = member.transport.accept();
    const decoder = new MessageDecoder(this.#recorder);
    this.#parser = new FrameParser(
      { onFrame: (bytes, from, to) => decoder.decode(bytes, from, to, this.#recorder) },
      1 << 23,
    );
  }

  send(write: (writer: TestWriter) => void, epoch = 1, clock = this.member.hlc.reading()): this {
    const writer = new TestWriter();
    const builder = new FrameBuilder();
    builder.begin(writer);
    write(writer);
    builder.finish(writer, epoch, clock);
    return this.sendBytes(writer.written());
  }

  sendBytes(bytes: Uint8Array): this {
    this.#connection.send(bytes);
    return this;
  }

  hello(fields: Partial<Hello> = {}, clock?: number): this {
    const hello: Hello = {
      protocolMin: 1,
      protocolMax: 1,
      cluster: "test",
      member: 1,
      lane: "foreground",
      epoch: 1,
      digest: topologyOf([1, 2, 3]).digest,
      session: 1,
      heard: 0,
      birth: birthOf(1),
      known: 0,
      ...fields,
    };
    return this.send((writer) => encodeHello(writer, hello), 1, clock);
  }

  /** What the member has said so far. */
  heard(): PlainMessage[] {
    const { received } = this.#connection;
    for (; this.#read < received.length; this.#read++)
      this.#parser.push(received[this.#read] ?? new Uint8Array(0));
    return this.#recorder.messages;
  }

  get names(): string[] {
    return this.heard().map(({ name }) => name);
  }

  get refusal(): string {
    const refusal = this.heard().find(({ name }) => name === "refuse");
    return refusal?.name === "refuse" ? `${refusal.fields.code}: ${refusal.fields.text}` : "";
  }

  get open(): boolean {
    return this.member.transport.ends.get(this.#connection.id)?.open ?? false;
  }
}

/** Member 2 of three, and nobody else. */
export function aloneMember2(options: Partial<TestMemberOptions> = {}): TestMember {
  return new World(5).start(2, { topology: topologyOf([1, 2, 3]), ...options });
}

/** What the operator was told first under this name. */
export function textOf(member: TestMember, name: string): string {
  return member.told.find((told) => told.name === name)?.text ?? "";
}
