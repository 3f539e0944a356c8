// The JSON lines of messages, receipts, errors and notices, byte for byte, and their forms for a terminal.
import { assert, describe, it } from "@effect/vitest"
import {
  dropNotice,
  errorEnvelope,
  errorText,
  ingestSkipNotice,
  ingestSummaryNotice,
  noticeEnvelope,
  noticeText,
  receiptLine
} from "../../cli/output/envelopes.js"
import { messageEnvelope, receiptEnvelope } from "../../src/internal/envelope.js"
import { PoolError } from "../../src/PoolError.js"
import { failuresOf, readAll } from "./readRecords.js"

const parts = { seq: 12, time: "2026-03-04T09:15:30.204518931Z", tags: ["sev1", "billing"] }
const plain = { color: false }
const colored = { color: true }

describe("messages", () => {
  it("have seq, time, meta and data, in this order", () => {
    assert.strictEqual(
      messageEnvelope(parts, '{"msg":"gateway timeout"}'),
      '{"seq":12,"time":"2026-03-04T09:15:30.204518931Z","meta":{"tags":["sev1","billing"]},"data":{"msg":"gateway timeout"}}'
    )
  })

  it("keep the payload's text as it is", () => {
    assert.include(messageEnvelope(parts, '{"id":9007199254740993,"f":1.0}'), '"data":{"id":9007199254740993,"f":1.0}}')
  })

  it("keep order and duplicates of tags, and escape them", () => {
    const tags = ["b", "a", "b", "", 'q"\\\n', "naïve ☃"]
    assert.deepStrictEqual(JSON.parse(messageEnvelope({ ...parts, tags }, "{}")).meta, { tags })
    assert.include(messageEnvelope({ ...parts, tags: [] }, "{}"), '"meta":{"tags":[]}')
    assert.include(messageEnvelope({ ...parts, tags }, "{}"), "naïve ☃")
  })
})

describe("receipts", () => {
  it("are messages without data", () => {
    assert.strictEqual(
      receiptEnvelope(parts),
      '{"seq":12,"time":"2026-03-04T09:15:30.204518931Z","meta":{"tags":["sev1","billing"]}}'
    )
  })

  it("are one line at a terminal", () => {
    const receipt = { seq: 7, time: "2026-03-04T09:15:30.5Z", tags: ["a", "b"] }
    assert.strictEqual(receiptLine("poke", receipt), "poked seq=7 at 2026-03-04T09:15:30Z  tags: a,b")
    assert.strictEqual(receiptLine("feed", { ...receipt, tags: [] }), "fed seq=7 at 2026-03-04T09:15:30Z")
    assert.strictEqual(
      receiptLine("poke", { ...receipt, tags: ["x\n\u001b[2J"] }),
      "poked seq=7 at 2026-03-04T09:15:30Z  tags: x\\n\\x1b[2J"
    )
  })
})

const notFound = new PoolError({
  reason: "NotFound",
  message: "message not found",
  hint: "Inspect the retained range with `plasmite pool info demo`, or `plasmite peek demo --tail 10`.",
  seq: 999
})

const damaged = new PoolError({
  reason: "Corrupt",
  message: "frame is damaged",
  hint: "Recreate the pool.",
  path: "/pools/demo.plasmite",
  seq: 3,
  offset: 128,
  causes: ["outer", "inner"]
})

describe("errors", () => {
  it("are one compact line", () => {
    assert.strictEqual(
      errorEnvelope(notFound),
      '{"error":{"kind":"NotFound","message":"message not found","hint":"Inspect the retained range with `plasmite pool info demo`, or `plasmite peek demo --tail 10`.","seq":999}}'
    )
  })

  it("show every fact that is known, in a fixed order", () => {
    assert.strictEqual(
      errorEnvelope(damaged, { line: 2, index: 1, attempts: 3, waitedMillis: 150 }),
      '{"error":{"kind":"Corrupt","message":"frame is damaged","hint":"Recreate the pool.","path":"/pools/demo.plasmite","seq":3,"offset":128,"causes":["outer","inner"],"line":2,"index":1,"attempts":3,"waited_ms":150}}'
    )
  })

  it("leave out what is unknown", () => {
    const bare = new PoolError({ reason: "Io", message: "disk full", causes: [] })
    assert.strictEqual(errorEnvelope(bare), '{"error":{"kind":"Io","message":"disk full"}}')
    const zeros = new PoolError({ reason: "Io", message: "disk full", seq: 0, offset: 0 })
    assert.strictEqual(errorEnvelope(zeros), '{"error":{"kind":"Io","message":"disk full","seq":0,"offset":0}}')
  })

  it("show a number that is too large for a message digit for digit, in its usual place", () => {
    assert.include(errorEnvelope(damaged, { seq: 18446744073709551615n }), '"seq":18446744073709551615,"offset":128')
    assert.include(errorText(notFound, plain, { seq: 18446744073709551615n }), "seq: 18446744073709551615")
  })

  it("have a message on one line whatever it was made of", () => {
    const error = new PoolError({ reason: "Internal", message: "first\n   second\r\n", hint: "a\nb" })
    assert.strictEqual(errorEnvelope(error), '{"error":{"kind":"Internal","message":"first second","hint":"a\\nb"}}')
    assert.strictEqual(errorText(error, plain), "error: first second\nhint: a\n      b")
  })

  it("are labelled lines at a terminal, with the first cause only", () => {
    assert.strictEqual(
      errorText(damaged, plain),
      [
        "error: frame is damaged",
        "hint: Recreate the pool.",
        "path: /pools/demo.plasmite",
        "seq: 3",
        "offset: 128",
        "caused by: outer"
      ].join("\n")
    )
  })

  it("have coloured labels and nothing else in colour", () => {
    assert.strictEqual(
      errorText(notFound, colored),
      `\u001b[31merror:\u001b[0m message not found\n\u001b[33mhint:\u001b[0m ${notFound.hint}\n\u001b[33mseq:\u001b[0m 999`
    )
  })

  it("cannot smuggle control sequences to the terminal", () => {
    const error = new PoolError({ reason: "Usage", message: "no such pool: \u001b[2J\u0007", path: "/\u009b31m" })
    assert.strictEqual(errorText(error, plain), "error: no such pool: \\x1b[2J\\x07\npath: /\\x9b31m")
  })
})

describe("notices", () => {
  const time = "2026-03-04T09:20:11Z"
  const orders = { command: "peek", pool: "orders", poolPath: "/pools/orders.plasmite" }
  const demo = { command: "poke", pool: "demo", poolPath: "/pools/demo.plasmite" }

  it("of a drop", () => {
    assert.strictEqual(
      noticeEnvelope(dropNotice(orders, 7, 11), time),
      '{"notice":{"kind":"drop","time":"2026-03-04T09:20:11Z","cmd":"peek","pool":"orders","message":"dropped 3 messages","details":{"last_seen_seq":7,"next_seen_seq":11,"dropped_count":3,"pool_path":"/pools/orders.plasmite"}}}'
    )
    assert.strictEqual(dropNotice(orders, 7, 9).message, "dropped 1 message")
  })

  it("of a skipped record", () => {
    const { items } = readAll("jsonl", '{"x":1}\nnot-json\n{"x":2}\n', { resume: true })
    assert.strictEqual(
      noticeEnvelope(ingestSkipNotice(demo, failuresOf(items)[0]!), time),
      '{"notice":{"kind":"ingest_skip","time":"2026-03-04T09:20:11Z","cmd":"poke","pool":"demo","message":"skipped a record that is not JSON","details":{"mode":"jsonl","index":2,"error_kind":"Parse","pool_path":"/pools/demo.plasmite","line":2,"snippet":"not-json"}}}'
    )
    const [oversize] = failuresOf(readAll("seq", "\x1e[1,2,3,4]", { maxRecordBytes: 4 }).items)
    assert.strictEqual(
      noticeEnvelope(ingestSkipNotice(demo, oversize!), time),
      '{"notice":{"kind":"ingest_skip","time":"2026-03-04T09:20:11Z","cmd":"poke","pool":"demo","message":"skipped a record that is too large","details":{"mode":"seq","index":1,"error_kind":"Oversize","pool_path":"/pools/demo.plasmite","snippet":"[1,2..."}}}'
    )
  })

  it("of what was skipped in all", () => {
    assert.strictEqual(
      noticeEnvelope(ingestSummaryNotice(demo, 2, 1), time),
      '{"notice":{"kind":"ingest_summary","time":"2026-03-04T09:20:11Z","cmd":"poke","pool":"demo","message":"1 record skipped","details":{"total":3,"ok":2,"failed":1,"pool_path":"/pools/demo.plasmite"}}}'
    )
    assert.strictEqual(ingestSummaryNotice(demo, 0, 2).message, "2 records skipped")
  })

  it("are one line at a terminal, which names the pool for those who follow", () => {
    assert.strictEqual(noticeText(dropNotice(orders, 7, 11), plain), "notice: dropped 3 messages (pool: orders)")
    const follow = { ...orders, command: "follow" }
    assert.strictEqual(noticeText(dropNotice(follow, 7, 11), plain), "notice: dropped 3 messages (pool: orders)")
    assert.strictEqual(
      noticeText(ingestSummaryNotice(demo, 2, 1), colored),
      "\u001b[33mnotice:\u001b[0m 1 record skipped"
    )
  })
})
