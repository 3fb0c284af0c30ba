/** The same as in kill-rounds.process.test.ts, for as many rounds as asked for. */
import { expect, onTestFinished, test } from "vitest";
import { LocalCluster } from "./cluster.fixture.ts";
import { killRounds } from "./kill-rounds.fixture.ts";

const rounds = Number(process.env["KVORUM_SOAK_ROUNDS"] ?? 200);

test(`${rounds} rounds of kill -9 under load lose nothing that was acknowledged`, async () => {
  const cluster = await LocalCluster.start(27_000);
  onTestFinished(() => cluster.dispose(), 120_000);
  const { lost, died, summary } = await killRounds(cluster, rounds);
  console.log(summary);
  expect(lost).toEqual([]);
  expect(died).toEqual([]);
});
