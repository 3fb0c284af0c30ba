/** What every Engine does (ports/engine.ts). */
import type { Engine } from "../ports/engine.ts";
import { EngineAsker } from "./askers.fixture.ts";
import type { Suite } from "./suite.fixture.ts";

export interface EngineUnderTest {
  readonly engine: Engine;
  readonly close: () => Promise<void>;
}

export function engineConformance(name: string, open: () => Promise<EngineUnderTest>, suite: Suite): void {
  const { describe, it, equal } = suite;
  const test = (title: string, body: (engine: EngineAsker) => Promise<void>) =>
    it(title, async () => {
      const { engine, close } = await open();
      await body(new EngineAsker(engine));
      await close();
    });

  describe(`${name} is an engine`, () => {
    test("values come back in the order of the keys asked, null where absent", async (engine) => {
      await engine.write({ b: "2", a: "1" });
      equal(await engine.get("b", "none", "a", "b"), ["2", null, "1", "2"]);
      equal(await engine.get(), []);
    });

    test("an empty value is a value", async (engine) => {
      await engine.write({ a: "" });
      equal(await engine.get("a"), [""]);
      equal(await engine.range("a", "b", 10, 1000), { rows: ["a="], more: false });
    });

    test("a write replaces and removes, the last of a batch wins", async (engine) => {
      await engine.write({ a: "1", b: "1" });
      await engine.write({ a: "2", b: null, none: null });
      equal(await engine.get("a", "b", "none"), ["2", null, null]);
    });

    test("an empty write is answered", async (engine) => {
      await engine.write({});
    });

    test("writes are applied in the order of the calls, range removals among them", async (engine) => {
      const done: string[] = [];
      const note = (title: string) => () => void done.push(title);
      await Promise.all([
        engine.write({ a: "1", b: "1", c: "1" }).then(note("1")),
        engine.write({ a: "2" }).then(note("2")),
        engine.deleteRange("a", "c").then(note("range")),
        engine.write({ b: "3" }).then(note("3")),
      ]);
      equal(done, ["1", "2", "range", "3"]);
      equal(await engine.get("a", "b", "c"), [null, "3", "1"]);
    });

    test("keys are ordered by unsigned bytes, and a range ends before its end", async (engine) => {
      await engine.write({ "a\xff": "4", "a\x00": "2", a: "1", "a\x7f": "3", b: "5", Z: "0" });
      equal(await engine.range("a", "b", 10, 1000), {
        rows: ["a=1", "a\x00=2", "a\x7f=3", "a\xff=4"],
        more: false,
      });
      equal(await engine.range("a\x00", "a\x7f", 10, 1000), { rows: ["a\x00=2"], more: false });
      equal(await engine.range("c", "d", 10, 1000), { rows: [], more: false });
    });

    test("a page ends at its bound of rows, and says whether there is more", async (engine) => {
      const rows = numbered(100);
      await engine.write(Object.fromEntries(rows.map((row) => [row, "v"])));
      const all = rows.map((row) => `${row}=v`);
      equal(await engine.range("k", "l", 99, 100_000), { rows: all.slice(0, 99), more: true });
      equal(await engine.range("k", "l", 100, 100_000), { rows: all, more: false });
      equal(await engine.range("k", "l", 101, 100_000), { rows: all, more: false });
      equal(await engine.range("k", "l", 1, 100_000), { rows: all.slice(0, 1), more: true });
    });

    test("a page ends at its bound of bytes, after one row at least", async (engine) => {
      const rows = numbered(50);
      await engine.write(Object.fromEntries(rows.map((row) => [row, "v".repeat(95)])));
      const taken = async (bytesMax: number) => {
        const page = await engine.range("k", "l", 1000, bytesMax);
        return [page.rows.length, page.more];
      };
      equal(await taken(1), [1, true]);
      equal(await taken(1000), [10, true]);
      equal(await taken(1001), [11, true]);
      equal(await taken(5000), [50, false]);
      equal(await taken(4999), [50, false]);
      equal(await taken(4900), [49, true]);
    });

    test("pages put together are the range", async (engine) => {
      const rows = numbered(500);
      await engine.write(Object.fromEntries(rows.map((row, at) => [row, "v".repeat(at % 300)])));
      const seen: string[] = [];
      for (let from = "k", more = true; more;) {
        const page = await engine.range(from, "l", 70, 3000);
        seen.push(...page.rows.map((row) => row.slice(0, row.indexOf("="))));
        from = `${seen.at(-1)}\x00`;
        more = page.more;
      }
      equal(seen, rows);
    });

    test("what is handed out belongs to the receiver, what was handed in may change afterwards", async (engine) => {
      const value = { a: "first" };
      await engine.write(value);
      const key = new Uint8Array([0x61]);
      const [first] = await engine.getMany([key]);
      first?.fill(0);
      key.fill(0);
      equal(await engine.get("a"), ["first"]);
      await engine.write({ a: "second" });
      equal([...(first ?? [])], [0, 0, 0, 0, 0]);
    });

    test("a flush is answered when there is something to flush and when there is not", async (engine) => {
      await engine.flush();
      await engine.write({ a: "1" });
      await Promise.all([engine.flush(), engine.write({ b: "2" })]);
      equal(await engine.get("a", "b"), ["1", "2"]);
    });
  });
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `k${String(at).padStart(4, "0")}`);
}
