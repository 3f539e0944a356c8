// The address says what is shown, reads back as the same view, and never holds a token.
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import { takeToken } from "../../http/page/logic/tokenFromUrl.js"
import { emptyView, readView, viewHref, type ViewState } from "../../http/page/logic/viewState.js"

const origin = "http://localhost:9700"
const word = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }).filter((text) => !/\p{Surrogate}/u.test(text))
const words = fc.uniqueArray(word, { maxLength: 3 })
const time = fc.option(fc.integer({ min: 0, max: 4e12 }), { nil: undefined })

const views: fc.Arbitrary<ViewState> = fc.record({
  pool: fc.option(
    word.filter((name) => !name.includes("/") && name !== "." && name !== ".."),
    { nil: undefined }
  ),
  others: words,
  layout: fc.constantFrom(undefined, "merged", "columns"),
  seq: fc.option(fc.integer({ min: 1 }), { nil: undefined }),
  seqPool: fc.option(word, { nil: undefined }),
  from: time,
  until: time,
  tags: words,
  withoutTags: words,
  where: words,
  search: fc.oneof(fc.constant(""), word),
  searchCase: fc.boolean(),
  searchRegex: fc.boolean(),
  columns: words,
  density: fc.constantFrom(undefined, "normal", "compact"),
  zone: fc.constantFrom(undefined, "local", "utc"),
  timeStyle: fc.constantFrom(undefined, "relative", "absolute"),
  sort: fc.option(word, { nil: undefined }),
  names: fc.oneof(fc.constant(""), word)
})

describe("the view", () => {
  it("comes back from its address", () => {
    fc.assert(
      fc.property(views, (view) => {
        assert.deepEqual(readView(origin + viewHref(view)), view)
      }),
      { numRuns: 1_000, examples: [[{ ...emptyView, pool: "..." }], [{ ...emptyView, pool: "100 % ü#?" }]] }
    )
  })

  it("has plain addresses", () => {
    assert.strictEqual(viewHref(emptyView), "/ui")
    assert.strictEqual(viewHref({ ...emptyView, pool: "demo", seq: 7, tags: ["a b"] }), "/ui/pools/demo?seq=7&tag=a+b")
    assert.deepEqual(readView(`${origin}/ui/`), emptyView)
  })

  it("survives addresses that nobody made", () => {
    assert.strictEqual(readView(`${origin}/ui/pools/50%`).pool, "50%")
    assert.strictEqual(readView(`${origin}/ui/pools/%ff`).pool, "%ff")
    assert.strictEqual(readView(`${origin}/ui/pools/demo/`).pool, "demo")
    const view = readView(`${origin}/ui/pools/demo?seq=-1&from=soon&density=huge&tag=&tag=a&tag=a&zone=utc`)
    assert.deepEqual(view, { ...emptyView, pool: "demo", tags: ["a"], zone: "utc" })
  })
})

describe("a token in the address", () => {
  it("is taken out, the rest stays", () => {
    assert.deepEqual(takeToken(`${origin}/ui/pools/a?tag=x&token=se%20cret&seq=4#part`), {
      token: "se cret",
      href: `${origin}/ui/pools/a?tag=x&seq=4#part`,
      wasInQuery: true
    })
    assert.deepEqual(takeToken(`${origin}/ui#token=abc`), { token: "abc", href: `${origin}/ui`, wasInQuery: false })
    assert.deepEqual(takeToken(`${origin}/ui?token=old#token=new`), {
      token: "new",
      href: `${origin}/ui`,
      wasInQuery: true
    })
    assert.deepEqual(takeToken(`${origin}/ui?token=`), { token: undefined, href: `${origin}/ui`, wasInQuery: true })
    assert.deepEqual(takeToken(`${origin}/ui?q=1#x`), {
      token: undefined,
      href: `${origin}/ui?q=1#x`,
      wasInQuery: false
    })
  })
})
