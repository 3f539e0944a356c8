// `poke --key`: one message for a key, whoever asks how often, here and on a server; and what may be tried again with one.
import { assert, describe, it } from "vitest"
import { startServer } from "../http/server.js"
import { messages, oneLine, refused, succeeded } from "./answers.js"
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
