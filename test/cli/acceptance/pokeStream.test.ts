// Appending what a stream brings: framings, bad records, and streams that stay open.
import * as fs from "node:fs"
import { assert, describe } from "vitest"
import { failed, messages, notices, payloads, refused, seqs, succeeded, tags } from "../answers.js"
import { finish, startShell } from "../harness.js"
import { row, spelledRow } from "../room.js"

const pretty = '{\n  "x": 1,\n  "y": 2\n}\n'
const megabyte = 1_048_576
const oversize = `${JSON.stringify({ pad: "x".repeat(megabyte) })}\n`

interface Framing {
  readonly row: number | string
  readonly era: "both" | "ours"
  readonly when: string
  readonly stdin: string
  readonly options?: ReadonlyArray<string>
  readonly data: ReadonlyArray<unknown>
}

const framings: ReadonlyArray<Framing> = [
  { row: 57, era: "both", when: "two lines, no final newline", stdin: '{"x":1}\n{"x":2}', data: [{ x: 1 }, { x: 2 }] },
  { row: 58, era: "both", when: "a pretty-printed object", stdin: pretty, data: [{ x: 1, y: 2 }] },
  {
    row: 59,
    era: "both",
    when: "server-sent events",
    stdin: 'data: {"x":1}\n\ndata: {"x":2}\n\n',
    data: [{ x: 1 }, { x: 2 }]
  },
  {
    row: 60,
    era: "both",
    when: "an event with comment, name, id and two data lines",
    stdin: ': hi\nevent: e\nid: 7\ndata: {"x":\ndata: 1}\n\n',
    data: [{ x: 1 }]
  },
  { row: 61, era: "both", when: "an event without its empty line", stdin: 'data: {"x":1}\n', data: [{ x: 1 }] },
  {
    row: 62,
    era: "both",
    when: "record separators, mode auto",
    stdin: '\u001e{"x":1}\u001e{"x":2}',
    data: [{ x: 1 }, { x: 2 }]
  },
  {
    row: 63,
    era: "both",
    when: "record separators, -i seq",
    stdin: '\u001e{"x":1}\u001e{"x":2}',
    options: ["-i", "seq"],
    data: [{ x: 1 }, { x: 2 }]
  },
  {
    row: 64,
    era: "both",
    when: "pretty JSON, -i json",
    stdin: pretty,
    options: ["-i", "json"],
    data: [{ x: 1, y: 2 }]
  },
  {
    row: 65,
    era: "both",
    when: "values back to back, -i jq",
    stdin: '{"a":1}{"b":2} {"c":3}',
    options: ["-i", "jq"],
    data: [{ a: 1 }, { b: 2 }, { c: 3 }]
  },
  { row: "A3", era: "ours", when: "two values on one line", stdin: '{"a":1}{"b":2}\n', data: [{ a: 1 }, { b: 2 }] }
]

describe("streams: framings", () => {
  for (const { row, era, when, stdin, options = [], data } of framings) {
    spelledRow(row, era, when, async ({ run, pool, history }, say) => {
      await pool("p")
      const { stdout, stderr } = succeeded(await run([say.poke, "p", ...options], { stdin }))
      assert.deepEqual(
        seqs(stdout),
        data.map((_, index) => index + 1)
      )
      assert.strictEqual(stderr, "")
      assert.deepEqual(
        (await history("p")).map((message) => message.data),
        data
      )
    })
  }
})

describe("streams: bad records", () => {
  spelledRow(66, "both", "-i jq -e skip", async ({ run, pool }, say) => {
    await pool("p")
    refused(await run([say.poke, "p", "-i", "jq", "-e", "skip"], { stdin: "{}\n" }), "Usage")
  })

  spelledRow(67, "both", "a bad line ends the call", async ({ run, pool, info }, say) => {
    await pool("p")
    const outcome = await run([say.poke, "p"], { stdin: '{"x":1}\nnot-json\n{"x":2}\n' })
    assert.include(failed(outcome, "Usage").hint, "-e skip")
    assert.deepEqual(seqs(outcome.stdout), [1])
    assert.strictEqual((await info("p")).metrics.message_count, 1)
  })

  spelledRow("A4", "ours", "the error names line and record", async ({ run, pool }, say) => {
    await pool("p")
    const error = failed(await run([say.poke, "p"], { stdin: '{"x":1}\nnot-json\n' }), "Usage")
    assert.deepEqual([error.line, error.index], [2, 2])
  })

  spelledRow(68, "both", "-i jsonl -e skip", async ({ run, pool, file }, say) => {
    await pool("p")
    const stdin = '{"x":1}\nnot-json\n{"x":2}\n'
    const outcome = await run([say.poke, "p", "-i", "jsonl", "-e", "skip"], { stdin })
    assert.strictEqual(outcome.code, 1)
    assert.deepEqual(seqs(outcome.stdout), [1, 2])
    const [skip, summary, ...more] = notices(outcome.stderr)
    assert.deepEqual([skip!.kind, skip!.cmd, skip!.pool], ["ingest_skip", say.poke, "p"])
    assert.include(skip!.details, { mode: "jsonl", index: 2, line: 2, error_kind: "Parse", pool_path: file("p") })
    assert.strictEqual(summary!.kind, "ingest_summary")
    assert.include(summary!.details, { total: 3, ok: 2, failed: 1, pool_path: file("p") })
    assert.deepEqual(more, [])
  })

  spelledRow(69, "both", "a record over 1 MiB is skipped", async ({ run, pool }, say) => {
    await pool("p")
    for (const [index, options] of [[], ["-i", "jsonl"]].entries()) {
      const stdin = `${oversize}{"ok":1}\n`
      const outcome = await run([say.poke, "p", ...options, "-e", "skip"], { stdin })
      assert.strictEqual(outcome.code, 1)
      assert.deepEqual(seqs(outcome.stdout), [index + 1])
      const kinds = notices(outcome.stderr).map(({ details }) => details["error_kind"])
      assert.deepEqual(kinds, ["Oversize", undefined])
    }
  })

  spelledRow(70, "both", "-i json -e skip with half a document", async ({ run, pool }, say) => {
    await pool("p")
    const outcome = await run([say.poke, "p", "-i", "json", "-e", "skip"], { stdin: '{"x":1' })
    assert.deepEqual([outcome.code, outcome.stdout], [1, ""])
    assert.strictEqual(notices(outcome.stderr)[0]?.kind, "ingest_skip")
  })

  spelledRow(71, "both", "a record that is no object cannot be skipped", async ({ run, pool, history }, say) => {
    await pool("p")
    const outcome = await run([say.poke, "p", "-e", "skip"], { stdin: '{"a":1}\n[1]\n{"b":2}\n' })
    assert.include(failed(outcome, "Usage").message, "object")
    assert.deepEqual(
      (await history("p")).map(({ data }) => data),
      [{ a: 1 }]
    )
  })

  spelledRow(72, "both", "-e skip with nothing to skip", async ({ run, pool }, say) => {
    await pool("p")
    const outcome = succeeded(await run([say.poke, "p", "-e", "skip"], { stdin: "{}\n{}\n" }))
    assert.deepEqual([seqs(outcome.stdout), outcome.stderr], [[1, 2], ""])
  })

  spelledRow(73, "both", "only blank lines", async ({ run, pool }, say) => {
    await pool("p")
    refused(await run([say.poke, "p"], { stdin: "\n  \n\n" }), "Usage")
  })

  spelledRow(74, "both", "--tag with a stream of two", async ({ run, pool }, say) => {
    await pool("p")
    const outcome = succeeded(await run([say.poke, "p", "--tag", "t"], { stdin: "{}\n{}\n" }))
    assert.deepEqual(tags(outcome.stdout), [["t"], ["t"]])
  })
})

describe("streams: files", () => {
  spelledRow(75, "both", "--file with one object", async ({ run, pool, write, history }, say) => {
    await pool("p")
    succeeded(await run([say.poke, "p", "--file", write("one.json", '{"x":1}')]))
    assert.deepEqual(
      (await history("p")).map(({ data }) => data),
      [{ x: 1 }]
    )
  })

  spelledRow(76, "v0.8", "-f with two lines", async ({ run, pool, write }, say) => {
    await pool("p")
    const outcome = succeeded(await run([say.poke, "p", "-f", write("events.jsonl", '{"x":1}\n{"x":2}\n')]))
    assert.deepEqual(seqs(outcome.stdout), [1, 2])
  })

  spelledRow(77, "v0.8", "--file with a pretty document", async ({ run, pool, write }, say) => {
    await pool("p")
    assert.deepEqual(seqs(succeeded(await run([say.poke, "p", "--file", write("pretty.json", pretty)])).stdout), [1])
  })

  spelledRow(78, "both", "--file nosuch", async ({ run, pool }, say) => {
    await pool("p")
    assert.match(refused(await run([say.poke, "p", "--file", "nosuch"]), "Io").path!, /nosuch$/)
  })

  spelledRow(79, "both", "--file - is stdin", async ({ run, pool }, say) => {
    await pool("p")
    assert.deepEqual(seqs(succeeded(await run([say.poke, "p", "--file", "-"], { stdin: '{"x":1}' })).stdout), [1])
  })

  row(80, "v0.8", "feed --file of two records with stdout a terminal", async ({ run, pool, write }) => {
    await pool("p")
    const args = ["feed", "p", "--tag", "a", "--tag", "b", "--file", write("f", "{}\n{}\n")]
    const { stdout } = succeeded(await run(args, { terminals: ["stdout"] }))
    assert.notInclude(stdout, '"seq":')
    const lines = stdout.split("\n")
    for (const seq of [1, 2]) {
      assert.match(
        lines[seq - 1]!,
        new RegExp(`^fed seq=${seq} at \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ  tags: a,b$`)
      )
    }
    assert.match((await run(["poke", "p", "{}"], { terminals: ["stdout"] })).stdout, /^poked seq=3 at \S+Z\n$/)
  })

  spelledRow(81, "both", "a stream to a missing pool with --create", async ({ run, info, file }, say) => {
    succeeded(await run([say.poke, "missing", "--create"], { stdin: "{}\n{}\n" }))
    assert.isTrue(fs.existsSync(file("missing")))
    assert.strictEqual((await info("missing")).metrics.message_count, 2)
  })
})

describe("streams: alive", () => {
  spelledRow(82, "both", "two processes append 500 messages each", async ({ run, pool, history }, say) => {
    await pool("p")
    const stream = (writer: string): string =>
      Array.from({ length: 500 }, (_, i) => `${JSON.stringify({ writer, i })}\n`).join("")
    const outcomes = await Promise.all(["a", "b"].map((writer) => run([say.poke, "p"], { stdin: stream(writer) })))
    const everySeq = Array.from({ length: 1_000 }, (_, index) => index + 1)
    assert.deepEqual(
      outcomes.flatMap((outcome) => seqs(succeeded(outcome).stdout)).sort((a, b) => a - b),
      everySeq
    )
    const stored = await history("p")
    assert.deepEqual(
      stored.map(({ seq }) => seq),
      everySeq
    )
    for (const writer of ["a", "b"]) {
      const order = stored.filter(({ data }) => data["writer"] === writer).map(({ data }) => data["i"])
      assert.deepEqual(order, [...Array(500).keys()])
    }
  })

  spelledRow("A2", "ours", "a record is committed while the stream stays open", async ({ run, start, pool }, say) => {
    await pool("p")
    for (const [index, record] of ['{"n":1}\n', 'data: {"n":2}\n\n', '\u001e{"n":3}\n'].entries()) {
      const poke = start([say.poke, "p"], { stdin: "open" })
      poke.write(record)
      const receipts = await poke.waitForLines(1)
      assert.deepEqual(seqs(`${receipts[0]}\n`), [index + 1])
      assert.deepEqual(payloads(succeeded(await run([say.get, "p", String(index + 1)])).stdout), [{ n: index + 1 }])
      assert.isTrue(poke.isRunning())
      poke.end()
      succeeded(await finish(poke))
    }
  })

  spelledRow("A5", "ours", "the pool is damaged half-way", async ({ start, pool, file }, say) => {
    await pool("p")
    const poke = start([say.poke, "p"], { stdin: "open" })
    poke.write('{"n":1}\n')
    await poke.waitForLines(1)
    const pages = fs.openSync(file("p"), "r+")
    fs.writeSync(pages, Buffer.alloc(4096), 0, 4096, 0)
    fs.closeSync(pages)
    poke.end('{"n":2}\n')
    const outcome = await finish(poke)
    failed(outcome, "Corrupt")
    assert.deepEqual(seqs(outcome.stdout), [1])
  })

  spelledRow("11a", "ours", "poke whose receipts nobody reads ends as if by SIGPIPE", async (room, say) => {
    await room.pool("p")
    const script = `while echo '{}'; do sleep 0.02; done | $PLS --dir pools ${say.poke} p | head -1; echo "\${PIPESTATUS[1]}"`
    const pipeline = startShell(script, { cwd: room.home })
    const outcome = await finish(pipeline)
    const [receipt, status] = outcome.stdout.trimEnd().split("\n")
    assert.deepEqual([messages(`${receipt}\n`)[0]?.seq, status, outcome.stderr], [1, "141", ""])
  })

  spelledRow(
    "11b",
    "both",
    "SIGTERM ends a stream at a record boundary",
    async ({ start, pool, run, history }, say) => {
      await pool("p")
      const poke = start([say.poke, "p"], { stdin: "open" })
      poke.write('{"n":1}\n')
      await poke.waitForLines(1)
      poke.kill("SIGTERM")
      const outcome = await finish(poke)
      assert.deepEqual([outcome.signal, outcome.stderr], ["SIGTERM", ""])
      assert.strictEqual((await history("p")).length, 1)
      succeeded(await run(["doctor", "p"]))
    }
  )
})
