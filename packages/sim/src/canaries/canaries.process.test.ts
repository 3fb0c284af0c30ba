import { describe, expect, test } from "vitest";
import { runSeed } from "../run-seed.ts";
import { CANARIES } from "./list.ts";
import { applyPatch, loadPatchedCore } from "./patched-core.ts";
import { fly } from "./search.ts";

describe("planted bugs are caught", () => {
  for (const canary of CANARIES) {
    test(`caught: ${canary.name}`, async () => {
      expect(await fly(canary, canary.seed, 1)).not.toBeNull();
    });
  }
});

test("a patch must fit in exactly one place", () => {
  const patch = { file: "x.js", find: "a();", replace: "b();" };
  expect(applyPatch("if (x) a();", patch)).toBe("if (x) b();");
  expect(() => applyPatch("a(); a();", patch)).toThrow("2 places");
  expect(() => applyPatch("c();", patch)).toThrow("0 places");
});

test("a door that core used is named, with the member whose code it was, even if core caught the error", async () => {
  for (const [name, door] of [
    ["clock read past its port", "Date.now()"],
    ["chance drawn past its port", "Math.random()"],
  ]) {
    const canary = CANARIES.find((one) => one.name === name);
    const code = await loadPatchedCore(canary?.patches ?? []);
    const { text } = runSeed(1, { code }).violations.find(({ checker }) => checker === "guard") ?? {
      text: "",
    };
    const [first, second] = text.split("\n");
    const member = /^the code of member ([1-9]) threw$/.exec(first ?? "")?.[1] ?? "nobody";
    expect(second).toContain(`GuardError: member ${member} used ${door}; core `);
    expect(text).toMatch(/minter\.[jt]s:/);
  }
});
