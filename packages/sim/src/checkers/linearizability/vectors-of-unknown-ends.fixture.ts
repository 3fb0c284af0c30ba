/** Histories with operations that may have taken effect, or may yet; vectors.fixture.ts says how to read them. */
export const UNKNOWN_ENDS = `
yes: an unknown write is seen
  a: [w1     ?
  b:     [r1]

yes: or not
  a: [w1     ?
  b:     [r-]

yes: or later
  a: [w1                    ?
  b:     [r-] [w2] [r2] [r1]

no: seen, then unseen
  a: [w1                    ?
  b:     [r1] [r-]

no: seen before its call
  a:      [w1?
  b: [r1]

no: seen twice with another between
  a: [w1                    ?
  b:     [r1] [w2] [r2] [r1]

yes: two unknown writes of the same, seen twice with another between
  a: [w1                    ?
  b:     [r1] [w2] [r2] [r1]
  c: [w1                    ?

no: the second of the same was called too late
  a: [w1                    ?
  b:     [r1] [w2] [r2] [r1]
  c:                          [w1?

yes: it explains why a condition was refused
  a: [w1] [w2   ?
  b:      [c1>3:2]

yes: it explains why a value was there to delete
  a: [w1?
  b:      [d+]

no: it can explain one delete only
  a: [w1?
  b:      [d+] [d+]

yes: an unknown condition that held
  a: [w1] [c1>2   ?
  b:           [r2]

yes: an unknown condition that did not
  a: [w1] [c3>2   ?
  b:           [r1]

no: an unknown condition cannot have held
  a: [w1] [c3>2   ?
  b:           [r2]

yes: an unknown condition that holds only later
  a: [c3>2              ?
  b: [w1] [r1] [w3] [r2]

no: of two unknown if-absents one may have won
  a: [c->1?
  b: [c->2?
  c:         [r1] [r2]

yes: an unknown condition on what an unknown write left
  a: [w1?
  b: [c1>2?
  c:          [r2]

no: and then seen as it was before
  a: [w1?
  b: [c1>2?
  c:          [r2] [r1]

yes: an unknown increment is counted
  a: [i1    ?
  b: [i1=1] [i1=3]

no: but once
  a: [i1    ?
  b: [i1=1] [i1=3] [i1=5]

no: and not before its call
  a:               [i1?
  b: [i1=1] [i1=3]

yes: three unknown increments of which two are counted
  a: [i1?
  b: [i1?
  c: [i1?
  d: [i1=3] [i1=4]

no: of which four are
  a: [i1?
  b: [i1?
  c: [i1?
  d: [i1=3] [i1=6]

yes: unknown increments by different amounts
  a: [i1?
  b: [i2?
  c: [i4?
  d:      [r2] [r6]

no: whose sum does not come to it
  a: [i1?
  b: [i2?
  c: [i4?
  d:      [r2] [r5]

yes: two unknown appends in the order that shows
  a: [ax?
  b: [ay?
  c:      [az=3] [ryxz]

no: an unknown append shows twice
  a: [ax?
  b:      [az=2] [az=4] [rxzxz]

yes: an unknown append behind a count, in a text
  a: [ax?
  b: [i1?
  c: [w9] [r10x]

no: a text that nobody can have begun
  a: [ax?
  b: [i1?
  c: [w9] [r9y]

yes: an unknown condition on what an unknown append left
  a: [ax?
  b: [cx>2?
  c:        [r2]

no: on what it can no longer leave
  a: [ax?
  b: [cx>2?
  c:        [wx] [rxx] [r2]

yes: present, by an unknown append
  a: [ax?
  b:      [c*>2] [r2]

yes: different, by an unknown append
  a: [w1] [ax?
  b:           [c~1>2] [r2]

no: absent, after an unknown append showed
  a: [ax?
  b:      [rx] [c->2]

yes: an unknown delete, and what was refused for nothing
  a: [w1] [d ?
  b:           [c1>2:-] [r-]

no: an unknown delete is seen, and then not
  a: [w1] [d ?
  b:           [r-] [r1]

yes: an unknown get-and-set
  a: [w1] [g2?
  b:           [g3=2]

no: an unknown get-and-set cannot hide what ended before
  a: [w1] [g2?
  b:           [g3=-]

yes: a read of unknown end says nothing
  a: [w1] [r ?
  b:          [r1]

yes: a dozen unknown writes, none seen
  a: [w1]             [r1]
  b: [wa?
  c: [wb?
  d: [wc?
  e: [wd?
  f: [we?
  g: [wf?
  h: [wg?
  i: [wh?
  j: [wi?
  k: [wj?
  l: [wk?
  m: [wl?

no: a dozen unknown writes, none of which explains it
  a: [w1] [ra] [rd] [rb] [r1]
  b: [wa?
  c: [wb?
  d: [wc?
  e: [wd?
  f: [we?
  g: [wf?
  h: [wg?
  i: [wh?
  j: [wi?
  k: [wj?
  l: [wk?
  m: [wl?
`;
