import { expect, it } from "vitest";
import { nanoseconds } from "./report/micro.ts";
import { allSubjects } from "./run-micro.ts";

it("every function that is measured does what it is there for, again and again", () => {
  const subjects = allSubjects();
  expect(new Set(subjects.map(({ name, on }) => `${name} ${on}`)).size).toBe(subjects.length);
  for (const { name, run } of subjects) {
    // A subject that works on nothing is faster than any other, and shows it here.
    for (let time = 0; time < 3; time++) expect([name, run()]).not.toEqual([name, null]);
  }
});

it("nanoseconds have three digits that matter", () => {
  expect([1234.5, 99.94, 3.4567].map(nanoseconds)).toEqual(["1235", "99.9", "3.46"]);
});
