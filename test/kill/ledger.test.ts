/**
 * The bookkeeping of the sieges: what a killed writer leaves may pass, and nothing else.
 */
import { assert, describe, it } from "vitest"
import type { JournalRecord, RecordKind } from "./journal.js"
import { type Content, Ledger, type Testimony } from "./ledger.js"
import { type Mixture, originOf, payloadOf, textOf } from "./messages.js"
import { encodeText } from "../../src/internal/lite3/encodeText.js"
import type { ViolationKind } from "./tally.js"

const mixture: Mixture = { seed: 7, largestBytes: 20_000 }

const said = (kind: RecordKind, seq: number, author = 0, counter = 0): JournalRecord => ({ kind, seq, author, counter })
/** Writer 2 got numbers 1 to 3 for its messages 1 to 3, and died. */
const writer: Testimony = { author: 2, records: [1, 2, 3].map((n) => said("acknowledged", n, 2, n)), unsaid: 1 }
const reader = (...records: ReadonlyArray<JournalRecord>): Testimony => ({ author: 0, records, unsaid: 0 })
const holding = (...counters: ReadonlyArray<number>): Content => {
  const messages = counters.map((counter) => ({ seq: counter, author: 2, counter }))
  return { ringBytes: 100_000, messages, newest: counters.at(-1) ?? 0 }
}
const kindsOf = (testimonies: ReadonlyArray<Testimony>, content: Content): ReadonlyArray<ViolationKind> => [
  ...new Set(new Ledger(mixture, 25_000).judge(testimonies, content).map(({ kind }) => kind))
]

describe("the ledger", () => {
  const passes = (name: string, testimonies: ReadonlyArray<Testimony>, content: Content): void =>
    it(`accepts ${name}`, () => assert.deepEqual(kindsOf(testimonies, content), []))
  passes("what was said and is there", [writer], holding(1, 2, 3))
  passes("one append that its writer could not speak of", [writer], holding(1, 2, 3, 4))
  // An append dies after it dropped what stood where it was going to write: with large messages, all there is.
  passes("a pool that a dead one's append emptied", [writer], { ringBytes: 25_000, messages: [], newest: undefined })
  passes(
    "a reader who was told what it missed",
    [writer, reader(said("gap", 1, 3), said("read", 3, 2, 3))],
    holding(1, 2, 3)
  )

  const complains = (
    name: string,
    kind: ViolationKind,
    testimonies: ReadonlyArray<Testimony>,
    content: Content
  ): void => it(`calls ${name} ${kind}`, () => assert.deepEqual(kindsOf(testimonies, content), [kind]))
  complains("an acknowledged message that is not there", "lost", [writer], holding(1, 2))
  complains("a hole", "lost", [writer], holding(1, 3))
  complains("a pool emptied for no append that large", "lost", [writer], {
    ringBytes: 1_000_000,
    messages: [],
    newest: undefined
  })
  complains(
    "a message that only a reader saw, and that is gone",
    "lost",
    [writer, reader(said("read", 4, 2, 4))],
    holding(1, 2, 3)
  )
  complains("two messages that nobody spoke of", "invented", [writer], holding(1, 2, 3, 4, 5))
  complains("another message under the number", "invented", [writer], {
    ...holding(1, 2, 3),
    messages: [1, 2, 9].map((counter, index) => ({ seq: index + 1, author: 2, counter }))
  })
  complains(
    "a number given twice",
    "invented",
    [writer, { ...writer, author: 3, records: [said("acknowledged", 2, 3, 1)] }],
    holding(1, 2, 3)
  )
  complains(
    "a reader who missed something unsaid",
    "unreported",
    [writer, reader(said("read", 1, 2, 1), said("read", 3, 2, 3))],
    holding(1, 2, 3)
  )
  complains("a torn message", "torn", [writer, reader(said("torn", 2))], holding(1, 2, 3))
  complains("a message dropped without need", "lost", [writer], { ...holding(2, 3), ringBytes: 1_000_000 })
  complains(
    "a writer that failed",
    "unsound",
    [{ ...writer, records: [...writer.records, said("failed", 0)] }],
    holding(1, 2, 3)
  )

  it("remembers from round to round", () => {
    const ledger = new Ledger(mixture, 25_000)
    assert.deepEqual(ledger.judge([writer], holding(1, 2, 3)), [])
    assert.deepEqual(ledger.judge([], holding(2, 3)), [])
    assert.deepEqual(
      ledger.judge([], holding(2)).map(({ kind }) => kind),
      ["lost", "lost"]
    )
  })
})

describe("a message", () => {
  it("proves itself, from text or not, at any length", () => {
    for (let counter = 1; counter <= 200; counter++) {
      const origin = { author: 35 * 36, counter }
      const payload = payloadOf(mixture, origin)
      assert.deepEqual(originOf(mixture, payload), origin)
      assert.deepEqual(encodeText(textOf(mixture, origin), []), payload)
    }
  })

  it("does not pass with any 8 bytes of another, cut short, or much longer", () => {
    const [one, other] = [12, 13].map((author) => payloadOf({ ...mixture, seed: 1 }, { author, counter: 5 }))
    for (let at = 0; at + 8 <= one!.length; at += 8) {
      const mixed = one!.slice()
      mixed.set(other!.subarray(at, at + 8), at)
      if (Buffer.compare(mixed, one!) !== 0) assert.isUndefined(originOf({ ...mixture, seed: 1 }, mixed))
    }
    assert.isUndefined(originOf({ ...mixture, seed: 1 }, one!.subarray(0, one!.length - 1)))
    assert.isUndefined(originOf({ ...mixture, seed: 1 }, new Uint8Array([...one!, ...new Uint8Array(64)])))
  })
})
