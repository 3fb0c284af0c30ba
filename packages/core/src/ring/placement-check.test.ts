import { describe, expect, test } from "vitest";
import type { MemberInfo } from "../model/member.ts";
import type { PreferenceList, Topology } from "../model/topology.ts";
import { memberAt, topologyOf } from "./cluster.fixture.ts";
import { checkPlacement } from "./placement-check.ts";

/** Members 1 to 8; zones a, b, c in turn; 7 is on the host of 1. */
const MEMBERS: readonly MemberInfo[] = Array.from({ length: 8 }, (_, at) =>
  memberAt(at + 1, { host: `host-${at % 6 === 0 ? 0 : at}`, zone: "abc".charAt(at % 3), weight: 1 }),
);
const GOOD = topologyOf(MEMBERS, 16, 3, 2);

function withList(change: (list: PreferenceList) => PreferenceList): Topology {
  const lists = GOOD.preferenceLists.map((list, at) => (at === 5 ? change(list) : list));
  return { ...GOOD, preferenceLists: lists };
}

/** A member that has the property and is not in the list. */
function other(list: PreferenceList, fits: (member: MemberInfo) => boolean): number {
  const free = MEMBERS.filter(({ id }) => !list.homes.includes(id) && !list.fallbacks.includes(id));
  return free.find(fits)?.id ?? 0;
}

function infoOf(id: number | undefined): MemberInfo {
  const info = MEMBERS.find((member) => member.id === id);
  if (info === undefined) throw new Error(`no member ${id}`);
  return info;
}

test("nothing is wrong with what the allocator makes", () => {
  expect(checkPlacement(GOOD)).toEqual([]);
});

describe("each planted fault is found", () => {
  test("a member that does not exist", () => {
    const wrong = withList((list) => ({ ...list, homes: [99, ...list.homes.slice(1)] }));
    expect(checkPlacement(wrong)).toEqual(["partition 5: names 99, no member of this cluster"]);
  });

  test("a home too few", () => {
    const wrong = withList((list) => ({ ...list, homes: list.homes.slice(0, 2) }));
    expect(checkPlacement(wrong)).toContain("partition 5: has 2 homes, not 3");
  });

  test("a fallback too few", () => {
    const wrong = withList((list) => ({ ...list, fallbacks: list.fallbacks.slice(0, 1) }));
    expect(checkPlacement(wrong)).toEqual(["partition 5: has 1 fallbacks where others have 2"]);
  });

  test("a member twice among the homes", () => {
    const wrong = withList((list) => ({ ...list, homes: [...list.homes.slice(0, 2), list.homes[0] ?? 0] }));
    expect(checkPlacement(wrong).join()).toContain("partition 5: names a member twice");
  });

  test("a home that is also a fallback", () => {
    const wrong = withList((list) => ({ ...list, fallbacks: [list.homes[0] ?? 0, list.fallbacks[1] ?? 0] }));
    expect(checkPlacement(wrong).join()).toContain("partition 5: names a member twice");
  });

  test("two homes on one host", () => {
    const wrong = withList(() => ({ homes: [1, 7, 2], fallbacks: [3, 4] }));
    expect(checkPlacement(wrong)).toContain("partition 5: two of 1, 7, 2, 3, 4 are on one host");
  });

  test("a fallback on the host of a home", () => {
    const wrong = withList(() => ({ homes: [1, 2, 3], fallbacks: [5, 7] }));
    expect(checkPlacement(wrong)).toContain("partition 5: two of 1, 2, 3, 5, 7 are on one host");
  });

  test("two homes in one zone although there are three", () => {
    const wrong = withList(() => ({ homes: [1, 4, 2], fallbacks: [3, 5] }));
    expect(checkPlacement(wrong)).toEqual(["partition 5: homes 1, 4 are in 1 zones, not 2"]);
  });

  test("a shorter list that is in too few zones, though the whole is not", () => {
    const members = MEMBERS.map((member) => ({ ...member, zone: member.zone === "c" ? "b" : member.zone }));
    const good = topologyOf(members, 16, 3, 2);
    expect(checkPlacement(good)).toEqual([]);
    const lists = good.preferenceLists.map(({ homes, fallbacks }) => {
      const zone = members.find(({ id }) => id === homes[0])?.zone;
      const sorted = homes.toSorted((a, b) => {
        const away = (id: number) => Number(members.find((member) => member.id === id)?.zone !== zone);
        return away(a) - away(b);
      });
      return { homes: sorted, fallbacks };
    });
    expect(checkPlacement({ ...good, preferenceLists: lists }).join()).toMatch(
      /homes \d, \d are in 1 zones, not 2/,
    );
  });

  test("a fallback in a zone of the homes although another is free", () => {
    const two = topologyOf(MEMBERS, 16, 2, 2);
    const lists = two.preferenceLists.map((list, at) => {
      if (at !== 5) return list;
      const taken = list.homes.map((id) => infoOf(id).zone);
      const hosts = list.homes.map((id) => infoOf(id).host);
      const wrong = other(list, ({ zone, host }) => taken.includes(zone) && !hosts.includes(host));
      return { ...list, fallbacks: [wrong, list.fallbacks[0] ?? 0] };
    });
    expect(checkPlacement({ ...two, preferenceLists: lists }).join()).toMatch(
      /partition 5: fallback \d is in zone local\/[abc] although another zone is free/,
    );
  });

  test("homes out of balance", () => {
    const lists = GOOD.preferenceLists.map(() => ({ homes: [2, 3, 4], fallbacks: [5, 6] }));
    const said = checkPlacement({ ...GOOD, preferenceLists: lists });
    expect(said).toContain("member 2 is home of 16 partitions, its fair share is 5.33");
    expect(said).toContain("member 1 is home of 0 partitions, its fair share is 5.33");
  });

  test("first homes out of balance, though homes are not", () => {
    const lists = GOOD.preferenceLists.map(({ homes, fallbacks }) => ({
      homes: homes.toSorted((a, b) => a - b),
      fallbacks,
    }));
    const said = checkPlacement({ ...GOOD, preferenceLists: lists });
    expect(said.length).toBeGreaterThan(0);
    for (const sentence of said)
      expect(sentence).toMatch(/^member \d is first home of \d+ partitions, its fair/);
  });

  test("a member's homes off by two", () => {
    const heavy = MEMBERS.map((member) => ({ ...member, weight: member.id === 2 ? 2 : 1 }));
    expect(checkPlacement({ ...GOOD, members: heavy }).join()).toContain("member 2 is home of");
  });

  test("a host in two zones", () => {
    const members = MEMBERS.map((member) => (member.id === 7 ? { ...member, zone: "b" } : member));
    expect(checkPlacement({ ...GOOD, members })).toContain(
      "host host-0 is in two zones, local/a and local/b",
    );
  });

  test("replicas that are not what the namespaces ask for", () => {
    expect(checkPlacement({ ...GOOD, replicas: 2 })).toContain(
      "replicas is 2, but namespaces ask for 3 and there are 7 hosts",
    );
  });

  test.each([15, 8, 0])("%d partitions", (partitions) => {
    const wrong = { ...GOOD, preferenceLists: GOOD.preferenceLists.slice(0, partitions) };
    expect(checkPlacement(wrong)).toContain(`${partitions} partitions: not a power of two from 16 to 16384`);
  });
});
