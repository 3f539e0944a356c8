// `poke --key`: one message for a key, whoever asks how often, here and on a server; and what may be tried again with one.
import { assert, describe, it } from "vitest"
import { startServer } from "../http/server.js"
import { failed, messages, oneLine, refused, succeeded } from "./answers.js"
import { wayTo } from "./remoteServer.js"
import { makeRoom } from "./room.js"

interface Receipt {
  readonly seq: number
  readonly meta: { readonly tags: ReadonlyArray<string> }
  readonly data?: unknown
  readonly repeated?: boolean
}

describe("poke --key", () => {
  it("prints the message that has the key, and says when it was there before", async () => {
    const room = makeRoom()
    await room.pool("p")
    const poke = async (...words: ReadonlyArray<string>) =>
      oneLine<Receipt>(succeeded(await room.run(["poke", "p", ...words])).stdout)
    const first = await poke('{"total":5.0}', "--tag", "new", "--key", "order-42")
    assert.deepEqual([first.seq, first.meta.tags], [1, ["new", "key:order-42"]])
    assert.notProperty(first, "repeated")
    await poke('{"other":1}')
    const outcome = succeeded(await room.run(["poke", "p", '{"total":6}', "--key", "order-42"]))
    assert.include(outcome.stdout, '"data":{"total":5.0},"repeated":true}')
    assert.deepEqual(oneLine(outcome.stdout), { ...first, repeated: true })
    const fed = oneLine<Receipt>(succeeded(await room.run(["feed", "p", "{}", "--key", "order-42"])).stdout)
    assert.deepEqual([fed.seq, fed.repeated, fed.data], [1, true, undefined])
    assert.strictEqual((await poke("{}", "--key", "order-43", "--create")).seq, 3)
    assert.strictEqual(succeeded(await room.run(["poke", "p", "{}", "--key", "order-43", "-q"])).stdout, "")
    assert.strictEqual((await room.history("p")).length, 3)
    const found = succeeded(await room.run(["peek", "p", "--tail", "1", "--tag", "key:order-42", "--one"]))
    assert.strictEqual(messages(found.stdout)[0]!.seq, 1)
  })

  it("says on a terminal that the message was there before", async () => {
    const room = makeRoom()
    await room.pool("p")
    const poke = () => room.run(["poke", "p", "{}", "--key", "a"], { terminals: ["stdout"] })
    assert.notInclude(succeeded(await poke()).stdout, "was there before")
    assert.include(succeeded(await poke()).stdout, "was there before")
  })

  it("refuses an empty key, and a key for a stream of messages, before anything is stored", async () => {
    const room = makeRoom()
    await room.pool("p")
    assert.include(
      refused(await room.run(["poke", "p", "{}", "--key", ""]), "Usage").message,
      "key of a message is empty"
    )
    const stream = refused(await room.run(["poke", "p", "--key", "a"], { stdin: "{}\n{}\n" }), "Usage")
    assert.include(stream.message, "--key requires DATA")
    assert.deepEqual(await room.history("p"), [])
  })

  it("takes the key of each message of a stream from where it is, here and on a server, and repeats none", async () => {
    const room = makeRoom()
    await room.pool("p")
    const server = await startServer({ directory: room.dir })
    const stdin = [
      '{"order":{"id":"a"},"n":1}',
      '{"order":{"id":9007199254740993},"n":2}',
      '{"order":{"id":"a"},"n":3}',
      '{"order":{"id":0},"n":4}'
    ].join("\n")
    const feed = async (pool: string): Promise<Array<ReadonlyArray<unknown>>> => {
      const outcome = await room.run(["poke", pool, "--key-from", ".order.id", "--tag", "t"], { stdin })
      const lines = succeeded(outcome).stdout.trim().split("\n")
      return lines
        .map((line) => JSON.parse(line) as Receipt)
        .map(({ meta, repeated, seq }) => [seq, meta.tags.join(" "), repeated ?? false])
    }
    const tags = ["t key:a", "t key:9007199254740993", "t key:a", "t key:0"]
    assert.deepEqual(await feed("p"), [
      [1, tags[0], false],
      [2, tags[1], false],
      [1, tags[2], true],
      [3, tags[3], false]
    ])
    for (const pool of ["p", `${server.url}/p`]) {
      assert.deepEqual(
        await feed(pool),
        [1, 2, 1, 3].map((seq, at) => [seq, tags[at], true])
      )
    }
    assert.strictEqual((await room.history("p")).length, 3)
    const quoted = ["poke", "p", '{"odd name":{"é":"k"}}', "--key-from", '."odd name"."é"']
    assert.deepEqual(oneLine<Receipt>(succeeded(await room.run(quoted)).stdout).meta.tags, ["key:k"])
    assert.strictEqual(oneLine<Receipt>(succeeded(await room.run(quoted)).stdout).repeated, true)
    assert.strictEqual(succeeded(await room.run([...quoted, "--quiet"])).stdout, "")
  })

  it("stops at a message that has no key where it should, says which, and goes on from there when it runs again", async () => {
    const room = makeRoom()
    await room.pool("p")
    const run = (third: string) =>
      room.run(["poke", "p", "--key-from", ".id"], { stdin: `{"id":1}\n{"id":2}\n${third}\n{"id":4}\n` })
    for (const [third, found] of [
      ["{}", "nothing"],
      ['{"id":null}', "null"],
      ['{"id":""}', "empty text"],
      ['{"id":1.5}', "fraction"],
      ['{"id":1.0}', "fraction"],
      ['{"id":[1]}', "an array"],
      ['{"id":{"toString":1}}', "an object"]
    ] as const) {
      const outcome = await run(third)
      const failure = failed(outcome, "Usage")
      assert.include(failure.message, found)
      assert.include(failure.message, ".id")
      assert.include(outcome.stderr, '"line":3')
    }
    assert.strictEqual((await room.history("p")).length, 2)
    assert.include(failed(await run("{"), "Usage").message, "record 3")
    assert.deepEqual(
      messages(succeeded(await run('{"id":3}')).stdout).map(({ seq }) => seq),
      [1, 2, 3, 4]
    )
    for (const path of ["id", ".", "", ".a.", ".a[0]", '."a', ".a b"]) {
      assert.include(refused(await room.run(["poke", "p", "{}", "--key-from", path]), "Usage").message, "not a path")
    }
    const both = await room.run(["poke", "p", "{}", "--key", "a", "--key-from", ".id"])
    assert.include(refused(both, "Usage").message, "--key")
  })

  it("sends a message whose answer was lost again, where it is told to retry, and it is there once", async () => {
    const room = makeRoom()
    await room.pool("p")
    const server = await startServer({ directory: room.dir })
    const way = await wayTo(server.port)
    // The first answer tells what the server can do.
    way.swallowAnswers(2, 1)
    const words = ["poke", `${way.url}/p`, '{"big":9007199254740993}', "--key", "order-42", "--retry-delay", "5ms"]
    const receipt = oneLine<Receipt>(succeeded(await room.run([...words, "--retry", "5"])).stdout)
    assert.deepEqual([receipt.seq, receipt.repeated], [1, true])
    way.swallowAnswers(1, 1)
    const lost = refused(await room.run(words.slice(0, 5)), "Io")
    assert.match(lost.message, /may be stored, or not/)
    assert.match(lost.hint, /same key/)
    const stored = await room.history("p")
    assert.strictEqual(stored.length, 1)
    assert.deepEqual(stored[0]!.meta.tags, ["key:order-42"])
  })
})
