import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { Orders, type CallAt } from "./orders.ts";

const order = (peer: number): CallAt => ({
  kind: "call-at",
  peer,
  address: { host: "127.0.0.1", port: 7700 + peer },
});

test("orders that come before there is a member wait for it, and later ones do not", () => {
  const channel = new EventEmitter();
  const orders = new Orders(channel);
  channel.emit("message", order(2));
  const followed: CallAt[] = [];
  orders.follow((each) => followed.push(each));
  channel.emit("message", order(3));
  expect(followed).toEqual([order(2), order(3)]);
});

test("what is no order is passed over", () => {
  const channel = new EventEmitter();
  const followed: CallAt[] = [];
  new Orders(channel).follow((each) => followed.push(each));
  for (const message of [
    null,
    "call-at",
    {},
    { kind: "other", peer: 2, address: { host: "127.0.0.1", port: 1 } },
    { kind: "call-at", peer: "2", address: { host: "127.0.0.1", port: 1 } },
    { kind: "call-at", peer: 2, address: null },
    { kind: "call-at", peer: 2, address: { host: "elsewhere", port: 1 } },
    { kind: "call-at", peer: 2, address: { host: "127.0.0.1", port: "1" } },
  ])
    channel.emit("message", message);
  expect(followed).toEqual([]);
});
