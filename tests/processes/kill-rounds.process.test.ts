/** What was acknowledged outlives the processes that acknowledged it. */
import { expect, onTestFinished, test } from "vitest";
import { LocalCluster } from "./cluster.fixture.ts";
import { killRounds } from "./kill-rounds.fixture.ts";

const ROUNDS = 20;

test(
  `${ROUNDS} rounds of kill -9 under load lose nothing that was acknowledged`,
  { timeout: 600_000 },
  async () => {
    const cluster = await LocalCluster.start(24_000);
    onTestFinished(() => cluster.dispose(), 120_000);
    const { lost, acked, died, summary } = await killRounds(cluster, ROUNDS);
    console.log(summary);
    expect(lost).toEqual([]);
    expect(died).toEqual([]);
    expect(acked).toBeGreaterThanOrEqual(ROUNDS * 100);
  },
);
