// Server-sent events. Numbers in names of tests are those of the protocol's acceptance statements.
import { assert, describe, it } from "vitest"
import { append, createPool, eventually, follow, request, startServer } from "./server.js"

interface Event {
  readonly id?: string
  readonly event?: string
  readonly data?: string
}

const eventsOf = (text: string): Array<Event> =>
  text
    .split("\n\n")
    .map((block) => Object.fromEntries(block.split("\n").flatMap((line) => fieldOf(line))) as Event)
    .filter(({ event }) => event !== undefined)

const fieldOf = (line: string): Array<[string, string]> => {
  const colon = line.indexOf(": ")
  return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 2)]]
}

describe("events", () => {
  it("89: the media type is exact, the data compact JSON", async () => {
    const server = await startServer()
    await createPool(server, "p")
    await append(server, "p", { text: "two\nlines" }, ["a"])
    const answer = await request(server, "/v0/ui/pools/p/events?max=1")
    assert.strictEqual(answer.headers["content-type"], "text/event-stream")
    assert.strictEqual(answer.headers["cache-control"], "no-cache, no-transform")
    const [event] = eventsOf(answer.text)
    assert.deepStrictEqual([event?.event, event?.id], ["message", "1"])
    assert.include(event?.data, '"seq":1')
    assert.deepStrictEqual((JSON.parse(event!.data!) as { data: unknown }).data, { text: "two\nlines" })
    assert.include(answer.text, "retry:")
  })

  it("90: a failure on the way is one event with an envelope", async () => {
    const server = await startServer()
    await createPool(server, "p")
    const reading = await follow(server, "/v0/ui/pools/p/events")
    await append(server, "p", {})
    await eventually("a message", () => reading.text().includes("event: message"))
    await request(server, "/v0/pools/p", { method: "DELETE" })
    assert.strictEqual(await reading.ended, "clean")
    const last = eventsOf(reading.text()).at(-1)!
    assert.strictEqual(last.event, "error")
    assert.strictEqual((JSON.parse(last.data!) as { error: { kind: string } }).error.kind, "NotFound")
  })

  it("91: reconnecting with the last id neither repeats nor skips", async () => {
    const server = await startServer()
    await createPool(server, "p")
    const seen: Array<string> = []
    let lastId: string | undefined
    for (let round = 0; round < 6; round++) {
      for (let n = 0; n < 3; n++) await append(server, "p", { n })
      const headers = lastId === undefined ? {} : { "last-event-id": lastId }
      const answer = await request(server, "/v0/ui/pools/p/events?max=2", { headers })
      for (const { id } of eventsOf(answer.text)) seen.push((lastId = id!))
    }
    assert.deepStrictEqual(
      seen,
      Array.from({ length: 12 }, (_, index) => String(index + 1))
    )
  })
})
