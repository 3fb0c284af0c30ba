/**
 * The journal under power cuts and kills: all workloads of up to three operations, on an empty disk and on a used
 * one, stopped between any two completions, with everything that may be left on the disk then, and the recovery
 * from that cut again at any place. The soak test goes deeper.
 */
import { describe, expect, it } from "vitest";
import { CrashSearch, styles, USED_ROWS, usedDisk, workloads } from "./journal-crash-search.fixture.ts";
import { EMPTY_DISK } from "./journal-crash.fixture.ts";

const options = { segmentBytesMax: 190 };

describe("every workload of up to three operations, cut everywhere", () => {
  const used = usedDisk(options);

  it.each([1, 2, 3])("loses nothing it acknowledged, and opens again: %i", { timeout: 300_000 }, (length) => {
    const search = new CrashSearch(options);
    for (const style of styles) {
      // With three operations, those that wait for one another are cut in recovery by the soak test only.
      const depth = length === 3 && style === "one after the other" ? 0 : 1;
      for (const workload of workloads(length)) {
        search.run({ workload, style, image: EMPTY_DISK, start: new Map(), depth });
        search.run({ workload, style, image: used, start: USED_ROWS, depth });
      }
    }
    expect(search.complaints.slice(0, 5)).toEqual([]);
    expect(search.images).toBeGreaterThan(400);
  });
});
