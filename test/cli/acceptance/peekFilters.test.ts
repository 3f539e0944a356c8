// What a reader lets through: tags and jq expressions over the whole envelope.
import { assert, describe } from "vitest"
import { failed, payloads, refused, seqs, succeeded } from "../answers.js"
import { type Room, type Spelling, spelledRow } from "../room.js"

type Entry = readonly [data: unknown, ...tags: ReadonlyArray<string>]

const filled = async ({ pool, fill }: Room, entries: ReadonlyArray<Entry>): Promise<void> => {
  await pool("p")
  for (const [data, ...tags] of entries) await fill("p", [data], tags)
}

/** A filter over the whole history, and the numbers that it lets through. */
interface FilterRow {
  readonly row: number | string
  readonly era: "seed" | "both" | "ours"
  readonly when: string
  readonly entries: ReadonlyArray<Entry>
  readonly options: ReadonlyArray<string>
  readonly seqs: ReadonlyArray<number>
}

const dropAndKeep: ReadonlyArray<Entry> = [
  [{ x: 1 }, "drop"],
  [{ x: 2 }, "keep"]
]

const incidents: ReadonlyArray<Entry> = [
  [{ level: "error", service: "billing" }, "keep"],
  [{ level: "error", service: "billing" }, "other"],
  [{ level: "error", service: "search" }, "keep"],
  [{ level: "info", service: "billing" }, "keep"]
]

const rows: ReadonlyArray<FilterRow> = [
  { row: 109, era: "both", when: "--tag keep", entries: dropAndKeep, options: ["--tag", "keep"], seqs: [2] },
  {
    row: 110,
    era: "both",
    when: "--tag a --tag b",
    entries: [
      [{}, "a"],
      [{}, "b", "c", "a"],
      [{}, "b"]
    ],
    options: ["--tag", "a", "--tag", "b"],
    seqs: [2]
  },
  { row: 111, era: "both", when: "--tag KEEP", entries: dropAndKeep, options: ["--tag", "KEEP"], seqs: [] },
  {
    row: 112,
    era: "both",
    when: "--where over the tags",
    entries: dropAndKeep,
    options: ["--where", '.meta.tags[]? == "keep"'],
    seqs: [2]
  },
  {
    row: 113,
    era: "both",
    when: "--where '.data.level >= 2'",
    entries: [[{ level: 1 }], [{ level: 2 }]],
    options: ["--where", ".data.level >= 2"],
    seqs: [2]
  },
  {
    row: 114,
    era: "both",
    when: "two --where",
    entries: [[{ a: 1, b: 1 }], [{ a: 1, b: 2 }], [{ a: 2, b: 2 }]],
    options: ["--where", ".data.a == 1", "--where", ".data.b == 2"],
    seqs: [2]
  },
  {
    row: 115,
    era: "both",
    when: "a tag and two --where",
    entries: incidents,
    options: ["--tag", "keep", "--where", '.data.level == "error"', "--where", '.data.service == "billing"'],
    seqs: [1]
  },
  {
    row: 119,
    era: "both",
    when: "a field that nobody has",
    entries: [[{ x: 1 }]],
    options: ["--where", ".data.missing == 1"],
    seqs: []
  },
  {
    row: 120,
    era: "both",
    when: "null and missing are the same",
    entries: [[{ k: null }], [{ k: 1 }], [{}]],
    options: ["--where", ".data.k == null"],
    seqs: [1, 3]
  },
  {
    row: 122,
    era: "seed",
    when: `.data.msg | test("timeout")`,
    entries: [[{ msg: "card gateway timeout" }], [{ msg: "slow" }], [{ other: 1 }], [{ msg: 7 }]],
    options: ["--where", '.data.msg | test("timeout")'],
    seqs: [1]
  },
  {
    row: "A9",
    era: "ours",
    when: "a default for a missing field",
    entries: [[{ level: "error" }], [{ msg: "x" }]],
    options: ["--where", '(.data.level // "info") == "info"'],
    seqs: [2]
  },
  {
    row: "A10",
    era: "ours",
    when: "has and not",
    entries: [[{ x: 1 }], [{ y: 1 }]],
    options: ["--where", 'has("data") and (.data | has("x") | not)'],
    seqs: [2]
  },
  {
    row: "10.2",
    era: "both",
    when: "a runtime error is no match, whatever came before",
    entries: [[{ x: 1 }], [{ x: "a" }]],
    options: ["--where", '(.data.x == 1), (.data.x | test("a"))'],
    seqs: [2]
  }
]

describe("filters: what is let through", () => {
  for (const { row, era, when, entries, options, seqs: expected } of rows) {
    spelledRow(row, era, when, async (room, say) => {
      await filled(room, entries)
      const args = [say.peek, "p", "--tail", "10", "--jsonl", "--replay", "0", ...options]
      const outcome = succeeded(await room.run(args))
      assert.deepEqual(seqs(outcome.stdout), expected)
      assert.strictEqual(outcome.stderr, "")
    })
  }

  spelledRow(116, "both", "--tail 1 counts matches", async (room, say) => {
    await filled(room, [[{ k: 1 }], [{ k: 2 }]])
    const args = [say.peek, "p", "--tail", "1", "--one", "--jsonl", "--where", ".data.k == 1"]
    assert.deepEqual(seqs(succeeded(await room.run(args)).stdout), [1])
  })

  spelledRow(121, "both", "an integer beyond every other", async ({ run, pool }, say) => {
    await pool("p")
    succeeded(await run([say.poke, "p", '{"id":18446744073709551615}']))
    const args = [say.peek, "p", "--tail", "1", "--replay", "0", "--jsonl", "--where"]
    const outcome = succeeded(await run([...args, ".data.id == 0"]))
    assert.deepEqual([outcome.stdout, outcome.stderr], ["", ""])
    assert.deepEqual(seqs(succeeded(await run([...args, ".data.id > 0"])).stdout), [1])
  })

  spelledRow(123, "both", "--since 1h --where '.data.x == 5'", async ({ run, pool }, say) => {
    await pool("p", [{ x: 4 }, { x: 5 }, { x: 6 }])
    const args = [say.peek, "p", "--since", "1h", "--one", "--jsonl", "--where", ".data.x == 5"]
    assert.deepEqual(payloads(succeeded(await run(args)).stdout), [{ x: 5 }])
  })

  spelledRow(124, "both", "--data-only: the filter saw the envelope", async (room, say) => {
    await filled(room, dropAndKeep)
    const filter = ["--where", '.meta.tags[]? == "keep"']
    const outcome = succeeded(await room.run([say.peek, "p", "--data-only", "--tail", "1", "--one", ...filter]))
    assert.strictEqual(outcome.stdout, '{"x":2}\n')
  })
})

describe("filters: what is refused", () => {
  spelledRow(117, "both", "--where 'not valid jq'", async ({ run, pool }, say) => {
    await pool("p", [{ x: 1 }])
    for (const name of ["p", "missing"]) {
      assert.include(refused(await run([say.peek, name, "--where", "not valid jq"]), "Usage").hint, "not valid jq")
    }
    refused(await run([say.peek, "p", "--where", "halt"]), "Usage")
  })

  const noBoolean =
    (expression: string) =>
    async ({ run, pool }: Room, say: Spelling): Promise<void> => {
      await pool("p", [{ x: 1 }])
      const { hint } = failed(await run([say.peek, "p", "--tail", "1", "--where", expression]), "Usage")
      assert.include(hint, expression)
    }
  spelledRow(118, "both", "--where '.data' gives no boolean", noBoolean(".data"))
  spelledRow("118a", "both", "--where '.data.x' gives no boolean", noBoolean(".data.x"))
  spelledRow("118b", "both", "--where '.data.missing' gives null, no boolean", noBoolean(".data.missing"))
})
