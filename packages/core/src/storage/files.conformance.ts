/** What every Files does (ports/files.ts), as far as it can be seen without cutting the power. */
import { latin1Decode } from "../base/utf8.ts";
import type { Files } from "../ports/files.ts";
import { bytesOf, FilesAsker } from "./askers.fixture.ts";
import type { Suite } from "./suite.fixture.ts";

export interface FilesUnderTest {
  readonly files: Files;
  readonly close: () => Promise<void>;
}

export function filesConformance(name: string, open: () => Promise<FilesUnderTest>, suite: Suite): void {
  const { describe, it, equal } = suite;
  const test = (title: string, body: (files: FilesAsker) => Promise<void>) =>
    it(title, async () => {
      const { files, close } = await open();
      await body(new FilesAsker(files));
      await close();
    });
  const failure = (call: Promise<unknown>) =>
    call.then(
      () => "no failure",
      (error: unknown) => (error instanceof Error ? error.message.slice(0, 6) : "not an error"),
    );
  const contents = async (files: FilesAsker, path: string) => {
    const file = await files.open(path, "read");
    const bytes = new Uint8Array(await files.size(file));
    equal(await files.read(file, 0, bytes), bytes.length);
    await files.close(file);
    return latin1Decode(bytes);
  };

  describe(`${name} is files`, () => {
    test("writes append, whatever else is open", async (files) => {
      const file = await files.open("a.log", "create");
      await files.write(file, bytesOf("one,"));
      await files.write(file, bytesOf("two,and what is not meant"), 4);
      const second = await files.open("a.log", "append");
      await files.write(second, bytesOf("three,"));
      await files.write(file, bytesOf("four"));
      await files.datasync(file);
      await files.close(second);
      await files.close(file);
      equal(await contents(files, "a.log"), "one,two,three,four");
    });

    test("reads at a place, and short of what was asked only at the end", async (files) => {
      const file = await files.open("a", "create");
      await files.write(file, bytesOf("0123456789"));
      await files.close(file);
      const reader = await files.open("a", "read");
      const into = new Uint8Array(4);
      equal([await files.read(reader, 3, into), latin1Decode(into)], [4, "3456"]);
      equal([await files.read(reader, 8, into), latin1Decode(into.subarray(0, 2))], [2, "89"]);
      equal(await files.read(reader, 10, into), 0);
      equal(await files.size(reader), 10);
      await files.close(reader);
    });

    test("a large write and read is whole", async (files) => {
      const bytes = new Uint8Array(5 * 1024 * 1024).map((_, at) => at * 31);
      const file = await files.open("large", "create");
      await files.write(file, bytes);
      await files.datasync(file);
      await files.close(file);
      const reader = await files.open("large", "read");
      const into = new Uint8Array(bytes.length);
      equal(await files.read(reader, 0, into), bytes.length);
      equal(Buffer.compare(into, bytes), 0);
      await files.close(reader);
    });

    test("creates what is not there, and opens what is", async (files) => {
      equal(await failure(files.open("a", "append")), "ENOENT");
      equal(await failure(files.open("a", "read")), "ENOENT");
      await files.close(await files.open("a", "create"));
      equal(await failure(files.open("a", "create")), "EEXIST");
      equal(await contents(files, "a"), "");
    });

    test("lists names in order, after renames and removals too", async (files) => {
      for (const path of ["b", "a", "c-1.log", "c"]) await files.close(await files.open(path, "create"));
      equal(await files.list(), ["a", "b", "c", "c-1.log"]);
      await files.rename("b", "z");
      await files.rename("a", "c");
      await files.unlink("c-1.log");
      await files.syncDirectory();
      equal(await files.list(), ["c", "z"]);
      equal(await failure(files.unlink("b")), "ENOENT");
      equal(await failure(files.rename("b", "y")), "ENOENT");
    });

    test("a file that was renamed or removed can be written on", async (files) => {
      const file = await files.open("a", "create");
      await files.rename("a", "b");
      await files.write(file, bytesOf("still"));
      equal(await contents(files, "b"), "still");
      await files.unlink("b");
      await files.write(file, bytesOf("?"));
      await files.close(file);
      equal(await files.list(), []);
    });
  });
}
