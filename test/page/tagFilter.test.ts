// Tags are chosen, typed and counted; of too many, the frequent ones stay.
import { assert, describe, it } from "vitest"
import { matchesTags, parseTagText, TagCounter, toggleTag } from "../../http/page/logic/tagFilter.js"
import { message } from "./messages.js"

const noTagFilter = { include: [], exclude: [] }

describe("the tag filter", () => {
  it("wants all that are included and none that are excluded", () => {
    const filter = { include: ["a", "b"], exclude: ["x"] }
    assert.isTrue(matchesTags(filter, ["b", "c", "a"]))
    assert.isFalse(matchesTags(filter, ["a"]))
    assert.isFalse(matchesTags(filter, ["a", "b", "x"]))
    assert.isTrue(matchesTags(noTagFilter, []))
  })

  it("moves a tag between its sides", () => {
    const included = toggleTag(noTagFilter, "a", "include")
    const excluded = toggleTag(included, "a", "exclude")
    assert.deepEqual([included.include, excluded.include, excluded.exclude], [["a"], [], ["a"]])
    assert.deepEqual(toggleTag(excluded, "a", "exclude"), noTagFilter)
  })

  it("is typed", () => {
    assert.deepEqual(parseTagText('error -noise "two words" -"not this" error a,b'), {
      include: ["error", "two words", "a,b"],
      exclude: ["noise", "not this"]
    })
    assert.deepEqual(parseTagText('  "" '), noTagFilter)
  })

  it("counts what was seen", () => {
    const counter = new TagCounter()
    counter.add([
      message(1, "{}", { tags: ["b", "b"] }),
      message(2, "{}", { tags: ["a", "b"] }),
      message(3, "{}", { tags: ["c"] })
    ])
    assert.deepEqual(counter.top(2), [
      { tag: "b", count: 2 },
      { tag: "a", count: 1 }
    ])
    assert.deepEqual(counter.top(9, "C"), [{ tag: "c", count: 1 }])
    assert.strictEqual(counter.messageCount, 3)
  })

  it("does not grow with every new word", () => {
    const counter = new TagCounter(10)
    for (let seq = 1; seq <= 1_000; seq++) counter.add([message(seq, "{}", { tags: [`request-${seq}`, "steady"] })])
    assert.isAtMost(counter.top(1_000).length, 20)
    assert.deepEqual(counter.top(1), [{ tag: "steady", count: 1_000 }])
  })
})
