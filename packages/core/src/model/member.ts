/** A member's id: u32, at least 1, issued by the agreed topology and never reused. */
export type MemberId = number;

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What the agreed topology says of one member. */
export interface MemberInfo {
  readonly id: MemberId;
  /** 1 to 64 of `[A-Za-z0-9._-]`, unique in the cluster. */
  readonly name: string;
  /** Failure domains, small to large. Two homes of a partition never share a host. */
  readonly host: string;
  readonly zone: string;
  readonly region: string;
  /** Relative share of the data, 1 to 1,000. */
  readonly weight: number;
  readonly peer: Address;
  readonly resp: Address;
  readonly http: Address;
}
