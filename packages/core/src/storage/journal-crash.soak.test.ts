/** As the daily crash test, but every recovery may be cut twice, and segments hold one round or two. */
import { describe, expect, it } from "vitest";
import { CrashSearch, styles, USED_ROWS, usedDisk, workloads } from "./journal-crash-search.fixture.ts";
import { EMPTY_DISK } from "./journal-crash.fixture.ts";

const cases = [190, 250].flatMap((segmentBytesMax) =>
  styles.flatMap((style) =>
    workloads(1).map((first, index) => ({ segmentBytesMax, style, first, number: index + 1 })),
  ),
);

describe("every workload of up to three operations, cut everywhere and twice in recovery", () => {
  it.each(cases)(
    "segments of $segmentBytesMax bytes, $style, operation $number first",
    ({ segmentBytesMax, style, first }) => {
      const search = new CrashSearch({ segmentBytesMax });
      const used = usedDisk({ segmentBytesMax });
      for (const rest of [...workloads(0), ...workloads(1), ...workloads(2)]) {
        const workload = [...first, ...rest];
        search.run({ workload, style, image: EMPTY_DISK, start: new Map(), depth: 2 });
        search.run({ workload, style, image: used, start: USED_ROWS, depth: 2 });
      }
      expect(search.complaints.slice(0, 5)).toEqual([]);
    },
  );
});
