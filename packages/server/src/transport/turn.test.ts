import { expect, test } from "vitest";
import { Turn } from "./turn.ts";

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

test("the steps run once for any number of inputs, in order, and not before the inputs are done", async () => {
  const ran: string[] = [];
  const turn = new Turn(() => undefined);
  turn.add(() => ran.push("member"));
  turn.add(() => ran.push("transport"));
  turn.add(() => ran.push("faces"));
  for (let i = 0; i < 5; i++) turn.arm();
  expect(ran).toEqual([]);
  await nextTurn();
  expect(ran).toEqual(["member", "transport", "faces"]);
  await nextTurn();
  expect(ran).toHaveLength(3);
});

test("a step that arms the turn gets another one", async () => {
  let runs = 0;
  const turn = new Turn(() => undefined);
  turn.add(() => {
    if (++runs < 3) turn.arm();
  });
  turn.arm();
  await nextTurn();
  expect(runs).toBe(1);
  await nextTurn();
  await nextTurn();
  await nextTurn();
  expect(runs).toBe(3);
});

test("the first error ends all turns, and is told once", async () => {
  const failures: unknown[] = [];
  let after = 0;
  const turn = new Turn((error) => failures.push(error));
  const broken = new Error("assertion failed: a belief");
  turn.add(() => {
    throw broken;
  });
  turn.add(() => void after++);
  turn.arm();
  await nextTurn();
  turn.arm();
  turn.fail(new Error("another"));
  await nextTurn();
  expect(failures).toEqual([broken]);
  expect(after).toBe(0);
});

test("an input that throws ends a turn that was armed already", async () => {
  const failures: unknown[] = [];
  let ran = 0;
  const turn = new Turn((error) => failures.push(error));
  turn.add(() => void ran++);
  turn.arm();
  turn.fail("thrown by core");
  await nextTurn();
  expect(failures).toEqual(["thrown by core"]);
  expect(ran).toBe(0);
});
