import { expect, it } from "vitest";
import { FreePorts } from "./processes/free-ports.ts";
import { WorkDirectory } from "./processes/work-directory.ts";
import { treesText } from "./report/trees.ts";
import { runTrees } from "./run-trees.ts";

it("one exchange mends exactly what differs, and costs in proportion to it", () => {
  const work = new WorkDirectory();
  try {
    const options = { keys: 3_000, differences: [0, 3, 300], rounds: 1, onProgress: () => undefined };
    const run = runTrees({ work, ports: new FreePorts() }, options);
    expect(run.rows.map(({ differences, mended }) => [differences, mended])).toEqual([
      [0, 0],
      [3, 3],
      [300, 300],
    ]);
    const [equal = 0, few = 0, many = 0] = run.rows.map(({ bytes }) => bytes);
    // Sixteen bytes and a state for each partition, and its number in the question.
    expect(equal).toBeGreaterThan(256 * 17);
    expect(equal).toBeLessThan(256 * 25);
    expect(few).toBeGreaterThan(equal);
    // Each of them travels whole.
    expect(many).toBeGreaterThan(few + 297 * 256);
    for (const { beganMs, askedMs } of run.rows) expect(Math.min(beganMs, askedMs)).toBeGreaterThan(0);
    const text = treesText(run);
    expect(text).toContain("3,000 keys of 256 bytes in 256 partitions");
    expect(text).toMatch(/\n\| +300 \| +[\d,]+ \| +[\d.]+ \| +[\d.]+ \|\n/);
  } finally {
    work.remove();
  }
});
