/**
 * The judges themselves: a history that can have happened passes, and each kind of lie is found out.
 */
import { assert, describe, it } from "vitest"
import {
  type AppendOperation,
  checkHistory,
  type GapOperation,
  type GetOperation,
  type Operation,
  type PoolFacts,
  type TailOperation
} from "./history.js"
import type { ViolationKind } from "./tally.js"

const frame = 100
/** Ten messages fit. */
const facts: PoolFacts = { ringBytes: 10 * frame, frameBytes: () => frame }

/** Message `seq` is the `seq`-th of author 1, appended from `seq * 10` to `seq * 10 + 5`. */
const append = (seq: number, changes: Partial<AppendOperation> = {}): AppendOperation => ({
  kind: "append",
  process: 1,
  invoked: seq * 10,
  answered: seq * 10 + 5,
  seq,
  count: 1,
  author: 1,
  counter: seq,
  ...changes
})
const get = (
  kind: "found" | "missing",
  seq: number,
  at: number,
  changes: Partial<GetOperation> = {}
): GetOperation => ({
  kind,
  process: 2,
  invoked: at,
  answered: at + 2,
  seq,
  author: kind === "found" ? 1 : 0,
  counter: kind === "found" ? seq : 0,
  ...changes
})
const tailed = (seq: number, at = seq * 10 + 6, changes: Partial<TailOperation> = {}): TailOperation => ({
  kind: "tailed",
  process: 3,
  invoked: at,
  answered: at,
  seq,
  author: 1,
  counter: seq,
  ...changes
})
const gap = (seq: number, count: number, at: number): GapOperation => ({
  kind: "gap",
  process: 3,
  invoked: at,
  answered: at,
  seq,
  count
})
const range = (from: number, to: number): ReadonlyArray<number> =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)
const appends = (count: number): ReadonlyArray<Operation> => range(1, count).map((seq) => append(seq))

const kindsOf = (operations: ReadonlyArray<Operation>): ReadonlyArray<ViolationKind> => [
  ...new Set(checkHistory(operations, facts).map(({ kind }) => kind))
]
const passes = (name: string, operations: ReadonlyArray<Operation>): void =>
  it(name, () => assert.deepEqual(checkHistory(operations, facts), []))
const complains = (name: string, kind: ViolationKind, operations: ReadonlyArray<Operation>): void =>
  it(`${name} is ${kind}`, () => assert.deepEqual(kindsOf(operations), [kind]))

describe("a history that can have happened", () => {
  passes("nothing at all", [])
  passes("appends, gets and a tail", [
    ...appends(5),
    get("found", 3, 36),
    get("missing", 6, 36),
    ...range(1, 5).map((seq) => tailed(seq))
  ])
  passes("appends that overlap in time may be numbered either way", [
    append(1, { invoked: 10, answered: 30, counter: 1 }),
    append(2, { invoked: 5, answered: 35, author: 2, counter: 1 })
  ])
  passes("a message may be read before its append is answered", [append(1, { answered: 90 }), get("found", 1, 20)])
  passes("a message may be missing while its append is under way", [append(1, { answered: 90 }), get("missing", 1, 20)])
  passes("a batch", [append(1, { count: 3 }), get("found", 3, 50), tailed(1), tailed(2), tailed(3)])
  passes("the oldest is overwritten when the ring is full, and a tail told so", [
    ...appends(12),
    get("found", 3, 126),
    get("missing", 1, 126),
    gap(1, 2, 127),
    ...range(3, 12).map((seq) => tailed(seq, 128))
  ])
  passes("a message that may be overwritten soon may be there or not", [
    ...appends(10),
    get("found", 1, 106),
    get("missing", 1, 109)
  ])
})

describe("a lie", () => {
  complains("a number given out twice", "invented", [append(1), append(1, { author: 2, counter: 1 })])
  complains("a number left out", "invented", [append(1), append(3)])
  complains("a later append with a smaller number", "misordered", [
    append(2, { invoked: 10, answered: 15 }),
    append(1, { invoked: 20, answered: 25 })
  ])
  complains("another message than was appended", "invented", [append(1), get("found", 1, 16, { counter: 2 })])
  complains("a message of nobody", "invented", [append(1), get("found", 7, 16)])
  complains("a message read before it was written", "invented", [
    append(1, { invoked: 50, answered: 60 }),
    get("found", 1, 10)
  ])
  complains("an acknowledged message that is not found", "lost", [...appends(3), get("missing", 2, 36)])
  complains("a message that one saw and a later one did not", "lost", [
    append(1, { answered: 90 }),
    get("found", 1, 20),
    get("missing", 1, 30)
  ])
  complains("a message whose successor was seen already, not found", "lost", [
    append(1, { answered: 90 }),
    append(2, { invoked: 11, answered: 90 }),
    get("found", 2, 20),
    get("missing", 1, 30)
  ])
  complains("a message found after it was overwritten", "invented", [...appends(12), get("found", 1, 126)])
  complains("a message found after it was missing", "misordered", [
    ...appends(10),
    get("missing", 1, 106),
    get("found", 1, 109)
  ])
  complains("torn bytes", "torn", [append(1), { kind: "torn", process: 2, invoked: 20, answered: 21, seq: 1 }])
  complains("a tail that passes over a message", "unreported", [...appends(3), tailed(1), tailed(3)])
  complains("a tail that goes back", "misordered", [...appends(2), tailed(1), tailed(2), tailed(2)])
  complains("a gap that leaves out one", "unreported", [
    ...appends(13),
    gap(1, 2, 137),
    ...range(4, 13).map((seq) => tailed(seq, 138))
  ])
  complains("a gap over what was not overwritten", "lost", [...appends(3), gap(1, 1, 37), tailed(2), tailed(3)])
  complains("a tail that ends early", "lost", [...appends(3), tailed(1), tailed(2)])
})
