import { expect, it } from "vitest";
import { libraryRefusal } from "./rocks-library.ts";

const cases: readonly (readonly [string, string])[] = [
  ["libatomic.so.1: cannot open shared object file: No such file or directory", "Debian package libatomic1"],
  ["/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found", "glibc 2.34"],
  ["Cannot find addon '.' imported from 'file:///x'\nCandidates:\n- a", "no build of it for this platform"],
  ["something else", "npm ci"],
];

it.each(cases)("when loading says '%s', the words name the next step", (reason, words) => {
  const error = new Error("Cannot load addon 'file:///x.node'", { cause: new Error(reason) });
  const refusal = libraryRefusal(error);
  expect(refusal.code).toBe("ENGINE_LIBRARY");
  expect(refusal.text).toContain(words);
  expect(refusal.text).toContain(reason.split("\n")[0]);
});
