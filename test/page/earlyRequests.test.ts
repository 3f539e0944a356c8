// What is asked from the top of the document: only what the page would certainly ask.
import { assert, describe, it } from "vitest"
import { earlyRequests } from "../../http/page/logic/earlyRequests.js"

const origin = "http://127.0.0.1:9700"
const paths = (path: string): ReadonlyArray<string> | undefined =>
  earlyRequests(origin + path, "anyone", undefined)?.paths
const good = { token: "t", wasAccepted: true }

describe("early requests", () => {
  it("the overview's, and those of a pool at its live end, as the page asks them", () => {
    assert.deepEqual(paths("/ui"), ["/v0/server", "/v0/ui/pools"])
    assert.deepEqual(paths("/ui/pools/demo"), ["/v0/server", "/v0/ui/pools/demo/events?last=200"])
    assert.deepEqual(paths("/ui/pools/two%20words?search=x&column=level"), [
      "/v0/server",
      "/v0/ui/pools/two%20words/events?last=200"
    ])
    assert.deepEqual(paths("/ui/pools/demo?tag=a%26b&tag=c&not-tag=d"), [
      "/v0/server",
      "/v0/ui/pools/demo/events?tag=a%26b&tag=c&last=200"
    ])
  })

  it("nothing of a view that begins elsewhere, or with a filter that the server may not run", () => {
    for (const query of ["seq=3", "from=2026-01-01T00:00:00Z", "until=2026-01-01T00:00:00Z", "where=.data.a"]) {
      assert.deepEqual(paths(`/ui/pools/demo?${query}`), ["/v0/server"], query)
    }
  })

  it("nothing where nobody may read, or where the document does not say who may", () => {
    for (const readers of ["", undefined, "somebody"]) {
      assert.isUndefined(earlyRequests(`${origin}/ui`, readers, undefined))
      assert.isUndefined(earlyRequests(`${origin}/ui`, readers, good))
    }
  })

  it("nothing without a token where one is needed, with one that was never taken, or with one in the address", () => {
    assert.isUndefined(earlyRequests(`${origin}/ui`, "token", undefined))
    assert.isUndefined(earlyRequests(`${origin}/ui`, "token", { token: "t", wasAccepted: false }))
    assert.isUndefined(earlyRequests(`${origin}/ui`, "anyone", { token: "t", wasAccepted: false }))
    for (const address of [`${origin}/ui?token=x`, `${origin}/ui#token=x`, `${origin}/ui?token=`]) {
      assert.isUndefined(earlyRequests(address, "token", good))
      assert.isUndefined(earlyRequests(address, "anyone", undefined))
    }
    assert.strictEqual(earlyRequests(`${origin}/ui`, "token", good)?.token, "t")
    assert.strictEqual(earlyRequests(`${origin}/ui`, "anyone", good)?.token, "t")
  })
})
