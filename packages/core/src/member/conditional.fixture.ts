/** Conditional writes at a test cluster. */
import { latin1Decode, latin1Encode } from "../base/utf8.ts";
import type { ConditionalRequest, ConditionalResult } from "../coordinator/conditional.ts";
import type { MemberId } from "../model/member.ts";
import type { Answer, TestCluster } from "./cluster.fixture.ts";

export interface Wish extends Partial<Omit<ConditionalRequest, "key" | "value" | "operand">> {
  readonly value?: string;
  readonly operand?: string;
}

/** Begins one. */
export function propose(
  cluster: TestCluster,
  at: MemberId,
  key: string,
  wish: Wish,
): Answer<ConditionalResult> {
  const answer: Answer<ConditionalResult> = { result: null };
  const { value = "", operand = "", ...rest } = wish;
  const request: ConditionalRequest = {
    namespace: 1,
    key: latin1Encode(key),
    condition: "none",
    operand: latin1Encode(operand),
    change: "none",
    value: latin1Encode(value),
    offset: 0,
    expiry: "clear",
    expiryMs: 0,
    want: "nothing",
    wantReceipt: false,
    timeoutMs: 1_000,
    ...rest,
  };
  cluster
    .at(at)
    .member?.conditional(request, { onConditional: (_tag, result) => (answer.result = result) }, 0);
  return answer;
}

/** The outcome, with the value that was wanted, in words. */
export function said({ result }: Answer<ConditionalResult>): string {
  if (result === null) return "-";
  const { code, bytes, read } = result;
  const live = read === null ? null : (read.newestLive()?.value ?? null);
  const value = bytes ?? live;
  return value === null ? code : `${code} ${latin1Decode(value)}`;
}

export function decide(cluster: TestCluster, at: MemberId, key: string, wish: Wish): string {
  const answer = propose(cluster, at, key, wish);
  cluster.pump();
  for (let waitedMs = 0; answer.result === null && waitedMs < 5_000; waitedMs += 10) cluster.run(10);
  return said(answer);
}

export function increment(cluster: TestCluster, at: MemberId, key: string, by = "1"): string {
  return decide(cluster, at, key, { change: "increment", value: by, expiry: "keep", want: "after" });
}

export function serial(cluster: TestCluster, at: MemberId, key: string): string {
  return decide(cluster, at, key, { want: "record" });
}
