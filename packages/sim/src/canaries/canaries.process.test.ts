import { describe, expect, test } from "vitest";
import { CANARIES } from "./list.ts";
import { applyPatch } from "./patched-core.ts";
import { fly } from "./search.ts";

describe("planted bugs are caught", () => {
  for (const canary of CANARIES) {
    test(`caught: ${canary.name}`, async () => {
      expect(await fly(canary)).not.toBeNull();
    });
  }
});

test("a patch must fit in exactly one place", () => {
  const patch = { file: "x.js", find: "a();", replace: "b();" };
  expect(applyPatch("if (x) a();", patch)).toBe("if (x) b();");
  expect(() => applyPatch("a(); a();", patch)).toThrow("2 places");
  expect(() => applyPatch("c();", patch)).toThrow("0 places");
});
