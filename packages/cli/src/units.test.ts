import { expect, test } from "vitest";
import { bytesText, durationText, rateText, shortText } from "./units.ts";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_000, "1.0 KiB"],
  [1_536, "1.5 KiB"],
  [10 * 1024, "10 KiB"],
  [1_048_576, "1.0 MiB"],
  [270_553_174_016, "252 GiB"],
  [2 ** 60, "1024 PiB"],
])("%d bytes are %s", (bytes, text) => expect(bytesText(bytes)).toBe(text));

test.each([
  [0, "0s"],
  [999, "0s"],
  [59_999, "59s"],
  [60_000, "1m"],
  [125_000, "2m 5s"],
  [3_600_000, "1h"],
  [3_660_000, "1h 1m"],
  [90_000_000, "1d 1h"],
  [8_640_000_000, "100d"],
])("%d ms are %s", (ms, text) => expect(durationText(ms)).toBe(text));

test("rates are over the whole time", () => {
  expect([rateText(10, 0), rateText(0, 5), rateText(12, 100_000), rateText(150, 100_000)]).toEqual([
    "0",
    "0",
    "0.12",
    "1.5",
  ]);
  expect([shortText(9.94), shortText(9.95), shortText(1_234.4), shortText(-0.5)]).toEqual([
    "9.9",
    "10",
    "1234",
    "-0.50",
  ]);
});
