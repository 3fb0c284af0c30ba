import { describe, expect, it } from "vitest";
import { latin1Decode, latin1Encode } from "../base/utf8.ts";
import { encodeIdentity, readIdentity } from "./identity.ts";
import { EMPTY_DISK, flipBit, type Image, Life } from "./journal-crash.fixture.ts";
import { KEEP_EVERYTHING, KEEP_NOTHING } from "./forgetful-files.ts";

const options = { segmentBytesMax: 4096 };
const own = { cluster: "lab", member: 1, createdBy: "kvorum 0.1.0" };

describe("the identity file", () => {
  it("is text that reads back", () => {
    const bytes = encodeIdentity(own);
    expect(latin1Decode(bytes)).toBe(
      "kvorum storage\nformat 1\ncluster lab\nmember 1\ncreated-by kvorum 0.1.0\ncrc32c 87b838c6\n",
    );
    expect(readIdentity(bytes)).toEqual({ kind: "identity", identity: own });
  });

  it("is damaged when any bit differs or any byte is missing", () => {
    const bytes = encodeIdentity(own);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      expect(["damaged", "newer"], `bit ${bit}`).toContain(readIdentity(flipBit(bytes, bit)).kind);
    }
    for (let end = 0; end < bytes.length; end++)
      expect(readIdentity(bytes.subarray(0, end)).kind).toBe("damaged");
  });

  it("of a newer format is known as such, whatever follows", () => {
    expect(readIdentity(latin1Encode("kvorum storage\nformat 12\nanything"))).toEqual({
      kind: "newer",
      format: 12,
    });
  });
});

function openWith(identity: Uint8Array | null): Life {
  const image: Image = { ...EMPTY_DISK, files: new Map(identity === null ? [] : [["identity", identity]]) };
  const life = new Life(image, options);
  life.open();
  return life;
}

describe("a directory", () => {
  it("that is empty is claimed, durably, before anything else is written", () => {
    const life = openWith(null);
    const identity = readIdentity(life.files.remains(KEEP_NOTHING).get("identity") ?? new Uint8Array(0));
    expect(identity).toEqual({ kind: "identity", identity: { cluster: "lab", member: 1, createdBy: "lab" } });
    expect([...life.files.remains(KEEP_EVERYTHING).keys()]).not.toContain("identity.tmp");
  });

  it("of this member is opened", () => {
    expect(openWith(encodeIdentity({ ...own, createdBy: "an older release" })).storage).not.toBeNull();
  });

  it.each([
    [encodeIdentity({ ...own, member: 2 }), "OTHER_MEMBER", "data belongs to member 2 of the cluster 'lab'"],
    [encodeIdentity({ ...own, cluster: "prod" }), "OTHER_CLUSTER", "member 1 of the cluster 'prod'"],
    [latin1Encode("kvorum storage\nformat 2\n"), "NEWER_FORMAT", "start the newer release"],
    [latin1Encode("gibberish"), "IDENTITY_DAMAGED", "data/identity is damaged; restore it"],
  ] as const)("of somebody else is refused and left alone: %#", (identity, code, words) => {
    const life = openWith(identity);
    expect(life.refusal?.code).toBe(code);
    expect(life.refusal?.text).toContain(words);
    expect(life.files.remains(KEEP_EVERYTHING)).toEqual(new Map([["identity", identity]]));
  });
});
