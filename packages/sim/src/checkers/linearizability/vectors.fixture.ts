/**
 * Histories and what is to be said of them, drawn as drawing.fixture.ts says. `yes`: linearizable; `no`: not.
 * Where a rule has two sides, both stand here, one below the other.
 */
import type { SerialHistory } from "./serial-history.ts";
import { draw } from "./drawing.fixture.ts";

export interface Vector {
  readonly verdict: "yes" | "no";
  readonly what: string;
  readonly history: SerialHistory;
}

export function vectorsOf(text: string): Vector[] {
  return text
    .trim()
    .split(/\n\s*\n/)
    .map((part) => {
      const [head = "", ...lines] = part.split("\n");
      const [verdict, ...words] = head.trim().split(": ");
      if (verdict !== "yes" && verdict !== "no") throw new Error(`no verdict in ${head}`);
      return { verdict, what: words.join(": "), history: draw(lines.join("\n")) };
    });
}

export const READS_AND_WRITES = `
yes: nothing at all

yes: one write
  a: [w1]

yes: one read of what was never written
  a: [r-]

no: one read of something that nobody wrote
  a: [r1]

yes: one after the other
  a: [w1] [r1] [w2] [r2]

no: a stale read, one client
  a: [w1] [w2] [r1]

no: a stale read, two clients
  a: [w1] [w2]
  b:           [r1]

yes: a read beside the overwrite sees the old
  a: [w1] [w2    ]
  b:        [r1]

yes: or the new
  a: [w1] [w2    ]
  b:        [r2]

no: nothing, after a write has ended
  a: [w1]
  b:      [r-]

yes: nothing, while the write is under way
  a: [w1  ]
  b:   [r-]

no: from the future
  a:      [w1]
  b: [r1]

yes: new for both, within one write
  a: [w1] [w2          ]
  b:       [r2]
  c:            [r2]

no: new, then old again, within one write
  a: [w1] [w2          ]
  b:       [r2]
  c:            [r1]

yes: new and old by reads that overlap
  a: [w1] [w2          ]
  b:       [r2   ]
  c:          [r1   ]

no: a read flips from 1 to 2 and back
  a: [w1        ]
  b: [w2        ]
  c:               [r1] [r2] [r1]

yes: it flips once while both writes are under way
  a: [w1            ]
  b: [w2            ]
  c:     [r1] [r2]

no: 1, 2, 1 while both writes are under way
  a: [w1                 ]
  b: [w2                 ]
  c:     [r1] [r2] [r1]

yes: 1, 2, 1 if 1 was written twice
  a: [w1                 ]
  b: [w2                 ]
  c:     [r1] [r2] [r1]
  d: [w1                 ]

no: two readers see two writes in opposite orders
  a: [w1       ]
  b: [w2       ]
  c: [r1] [r2]
  d: [r2] [r1]

no: the order of writes that overlapped is settled by the first reader
  a: [w1]
  b: [w2]
  c:      [r1]
  d:           [r2]

yes: a long write holds, and shows late
  a: [w1                        ]
  b: [w2] [r2] [w3] [r3]
  c:                       [r1]

no: a long write cannot be seen, hidden and seen
  a: [w1                              ]
  b:      [r1] [w2] [r2] [r1]

yes: three writes, and reads that leave one order only
  a: [w1            ] [r2]
  b: [w2                ]
  c: [w3       ]
  d:   [r3] [r1]

no: three writes, and reads that leave none
  a: [w1            ] [r2]
  b: [w2       ]
  c: [w3       ]
  d:   [r3]      [r1] [r3]
`;

export const INSTANTS = `
yes: a read that begins at the instant a write ends may miss it
  a: [w1]
  b:    [r-]

no: a read that begins an instant later may not
  a: [w1]
  b:     [r-]

no: a client knows its own order at one instant
  a: [w1|r-]

yes: a write that begins at the instant a read ends may be seen
  a: [r1]
  b:    [w1]

no: but not by its own client
  a: [r1|w1]

yes: what meets at one instant can go either way
  a: [w1]
  b:    [w2]
  c:         [r1]

no: what does not meet cannot
  a: [w1]
  b:     [w2]
  c:         [r1]

no: an unknown write that begins at the instant a read of its client ends
  a: [r1|w1?

yes: of another client
  a: [r1]
  b:    [w1?

no: an instant later
  a: [r1]
  b:     [w1?

yes: twins called at one instant, one behind a read of its client
  a: [r1|w1?
  b:    [w1?

no: a twin of what came before does not come before its client's own either
  a:                 [r1|w1?
  b: [w1?
  c:     [r1] [w2]
`;

export const CONDITIONS = `
yes: a chain of conditions
  a: [c->1] [c1>2] [c2>3] [r3]

no: a condition that did not hold
  a: [w1] [c2>3]

no: two if-absents succeed
  a: [c->1    ]
  b:   [c->2    ]

yes: two if-absents, one refused
  a: [c->1    ]
  b:   [c->2:1  ]

no: both refused, and nobody wrote
  a: [c->1:2  ]
  b:   [c->2:1  ]

yes: two if-absents with a delete between them
  a: [c->1]        [c->2]
  b:        [d+]

no: a lost update: both found 1
  a: [w1] [c1>2  ]
  b:        [c1>3  ]

yes: no update is lost if 1 came back
  a: [w1] [c1>2  ]
  b:        [c1>3  ]
  c:      [w1    ]

no: refused although the condition held
  a: [w1]
  b:      [c1>2:]

yes: refused beside a write that took the value away
  a: [w1] [w2  ]
  b:       [c1>3:]

no: refused for the value that it asked for
  a: [w1] [w2    ]
  b:       [c1>3:1]

no: refused for a value that nobody wrote
  a: [w1] [c2>3:4]

no: refused for a value of before
  a: [w1] [w2] [c3>4:1]

no: a refused condition changes nothing
  a: [w1] [c2>3:1] [r3]

no: A-B-A, and the refusal names a value of the past
  a: [w1] [w2] [w1]
  b:                [c1>3:2]

yes: A-B-A, and the condition holds again
  a: [w1] [w2] [w1]
  b:                [c1>3] [r3]

yes: if present
  a: [c*>1:-] [w1] [c*>2] [r2]

no: if present, of nothing
  a: [c*>1]

yes: if different, of nothing and of another
  a: [c~1>2] [c~1>3] [r3] [c~3>4:3]

no: if different, of the same
  a: [w1] [c~1>2]

yes: removed on a condition
  a: [w1] [c1>-] [r-]

no: removed on a condition, and still there
  a: [w1] [c1>-] [r1]

yes: three that race for one value, one wins
  a: [w1] [c1>2          ]
  b:       [c1>3:2     ]
  c:         [c1>4:2 ]

no: three that race, and the losers name each other
  a: [w1] [c1>2:3        ]
  b:       [c1>3:4     ]
  c:         [c1>4:2 ]

no: get and set, twice the same before
  a: [w1] [g2=1  ]
  b:       [g3=1  ]

yes: get and set, one behind the other
  a: [w1] [g2=3  ]
  b:       [g3=1  ]

no: get and set, in a circle
  a: [g1=2   ]
  b:  [g2=1   ]

yes: get and remove
  a: [w1] [g-=1] [g-=-] [r-]
`;

export const COUNTS_AND_TEXTS = `
yes: increments beside each other
  a: [i1=2   ]
  b:  [i1=1   ]
  c:            [r2]

no: an increment is lost: both came to 1
  a: [i1=1   ]
  b:  [i1=1   ]

no: an increment is counted twice
  a: [i1=1] [i1=3]

no: increments that skip a number nobody made
  a: [i1=1   ]
  b:  [i1=3   ]

yes: counts down, and on from a value
  a: [w7] [i-9=-2] [i2=0] [r0]

no: a count after a delete goes on from before
  a: [i5=5] [d+] [i1=6]

yes: a count after a delete begins anew
  a: [i5=5] [d+] [i1=1]

no: counted on what is no number
  a: [wx] [i1=1]

yes: appends beside each other
  a: [ax=2   ]
  b:  [ay=1   ]
  c:            [ryx]

no: appends in the order that their lengths deny
  a: [ax=2   ]
  b:  [ay=1   ]
  c:            [rxy]

no: both appended to nothing
  a: [ax=1   ]
  b:  [ay=1   ]

yes: a number, and text behind it
  a: [i9=9] [i1=10] [ax=3] [r10x]

yes: lengths shrink where counts do
  a: [w10] [i-1=9] [ax=2] [r9x]

yes: also where the count is of unknown end
  a: [w10] [i-1?
  b:            [ax=2] [r9x]
`;

export const DELETES = `
yes: delete, and write anew
  a: [w1] [d+] [r-] [w2] [r2]

no: a deleted value comes back
  a: [w1] [d+]
  b:           [r1]

no: it comes back after nothing was seen
  a: [w1] [d+       ]
  b:       [r-] [r1]

no: found nothing to delete, although there was
  a: [w1] [d-]

no: two deletes of one value
  a: [w1] [d+   ]
  b:       [d+   ]

yes: two deletes, and one finds nothing
  a: [w1] [d+   ]
  b:       [d-   ]

no: deleted what was not there
  a: [d+]

yes: an old value is written anew after the delete
  a: [w1] [d+] [w1]
  b:                [r1]
`;

export const FAILURES_AND_KEYS = `
yes: what failed has no effect
  a: [w1] [w2!
  b:           [r1]

no: what failed is seen
  a: [w1] [w2!
  b:           [r2]

yes: keys have nothing to do with each other
  a: [w1@x] [r-@y] [w2@y] [r1@x] [r2@y]

no: one of two keys is wrong
  a: [w1@x] [w1@y] [r1@x] [r-@y]

no: a value of another key
  a: [w1@x]
  b:        [r1@y]

yes: one key in an order that the other could not follow
  a: [w1@x            ] [r2@x]
  b: [w2@x   ] [r2@x  ]
  c: [w1@y   ] [w2@y  ] [r2@y]
`;
