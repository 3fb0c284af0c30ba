/** What every Storage does (ports/storage.ts), as far as it can be seen without cutting the power. */
import type { Storage } from "../ports/storage.ts";
import { bytesOf, StorageAsker } from "./askers.fixture.ts";
import type { Suite } from "./suite.fixture.ts";

export interface StorageUnderTest {
  readonly storage: Storage;
  readonly close: () => Promise<void>;
}

/** `open` opens an empty storage with small segments, whose turns end by themselves. */
export function storageConformance(name: string, open: () => Promise<StorageUnderTest>, suite: Suite): void {
  const { describe, it, equal } = suite;
  const test = (title: string, body: (storage: StorageAsker) => Promise<void>) =>
    it(title, async () => {
      const { storage, close } = await open();
      await body(new StorageAsker(storage));
      await close();
    });

  describe(`${name} is a storage`, () => {
    test("what has completed is read, in either durability", async (storage) => {
      await Promise.all([storage.append("a", "1", "fsync"), storage.append("b", "2", "os")]);
      equal([await storage.get("a"), await storage.get("b"), await storage.get("c")], ["1", "2", null]);
      await storage.append("a", null, "os");
      equal(await storage.get("a"), null);
    });

    test("the last append to a key wins, also within one turn", async (storage) => {
      await Promise.all(["1", "2", null, "3"].map((value) => storage.append("a", value)));
      equal(await storage.get("a"), "3");
      await Promise.all([storage.append("a", "4", "os"), storage.append("a", null, "fsync")]);
      equal(await storage.get("a"), null);
    });

    test("completions of one durability come in the order of the calls", async (storage) => {
      const seen = { fsync: [] as number[], os: [] as number[] };
      const appends = Array.from({ length: 200 }, (_, index) => {
        const durability = index % 3 === 0 ? "os" : "fsync";
        return storage
          .append(`k${index % 7}`, "v".repeat(index), durability)
          .then(() => seen[durability].push(index));
      });
      await Promise.all(appends);
      equal(
        seen.os,
        seen.os.toSorted((a, b) => a - b),
      );
      equal(
        seen.fsync,
        seen.fsync.toSorted((a, b) => a - b),
      );
      equal(seen.os.length + seen.fsync.length, 200);
    });

    test("every read sees every append that has completed", async (storage) => {
      const wrong: string[] = [];
      const client = async (key: string) => {
        for (let round = 0; round < 30; round++) {
          await storage.append(key, `${round}`, round % 2 === 0 ? "os" : "fsync");
          const [point, page] = await Promise.all([
            storage.get(key),
            storage.range(key, `${key}\x00`, 10, 1000),
          ]);
          if (point !== `${round}` || page.rows[0] !== `${key}=${round}`)
            wrong.push(`${key} ${round}: ${point}, ${page.rows[0]}`);
        }
      };
      await Promise.all(["a", "b", "c", "d", "e"].map(client));
      equal(wrong, []);
    });

    test("a range removal takes what was appended before, and leaves what comes after", async (storage) => {
      await Promise.all([
        storage.append("a", "1"),
        storage.append("b", "1"),
        storage.append("c", "1"),
        storage.deleteRange("a", "c"),
        storage.append("b", "2"),
      ]);
      equal(await storage.range("a", "z", 10, 1000), { rows: ["b=2", "c=1"], more: false });
    });

    test("a range comes in pages", async (storage) => {
      await Promise.all(["a", "b", "c", "d"].map((key) => storage.append(key, "v")));
      equal(await storage.range("a", "z", 3, 1000), { rows: ["a=v", "b=v", "c=v"], more: true });
      equal(await storage.range("c\x00", "z", 3, 1000), { rows: ["d=v"], more: false });
      equal(await storage.range("a", "z", 10, 3), { rows: ["a=v", "b=v"], more: true });
    });

    test("a large value and many small ones go through", async (storage) => {
      const large = "v".repeat(5 * 1024 * 1024);
      const small = Array.from({ length: 2000 }, (_, index) =>
        storage.append(`small${index}`, `${index}`, "os"),
      );
      await Promise.all([storage.append("large", large), ...small]);
      equal((await storage.get("large")) === large, true);
      equal(await storage.get("small1999"), "1999");
    });

    test("a flush is answered after what was appended before it, and old segments go", async (storage) => {
      const done: string[] = [];
      const note = (title: string) => () => void done.push(title);
      await Promise.all([
        storage.flush().then(note("first flush")),
        storage.append("a", "1").then(note("append")),
        storage.flush().then(note("second flush")),
      ]);
      equal(done.indexOf("append") < done.indexOf("second flush"), true);
      for (let index = 0; index < 50; index++) await storage.append(`k${index}`, "v".repeat(400));
      await storage.flush();
      // Their removal goes on in the background; each further step of the storage gives it time.
      for (let index = 0; index < 500 && storage.storage.sizes().journalSegments > 1; index++)
        await storage.get("a");
      equal(storage.storage.sizes().journalSegments, 1);
    });

    test("its sizes tell what it did", async (storage) => {
      const before = storage.storage.sizes();
      const appends = Array.from({ length: 100 }, (_, index) => storage.append(`k${index}`, "v"));
      equal(storage.storage.sizes().queuedAppends, 100);
      await Promise.all(appends);
      const after = storage.storage.sizes();
      equal(after.queuedAppends, 0);
      equal(after.engineLag, 0);
      equal(after.rounds - before.rounds, 1);
      equal(after.syncs - before.syncs, 1);
      equal(after.journalBytes > before.journalBytes, true);
    });

    test("keys of any bytes are kept apart", async (storage) => {
      const keys = ["", "\x00", "\x00\x00", "\xff", "\xff\xff", "a\x00b"].map((key) => `k${key}`);
      await Promise.all(keys.map((key) => storage.append(key, `<${key}>`)));
      for (const key of keys) equal(await storage.get(key), `<${key}>`);
      equal((await storage.range("k", "l", 100, 1000)).rows.length, bytesOf("123456").length);
    });
  });
}
