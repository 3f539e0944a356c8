// "Did you mean": near misses are found, far ones are left alone.
import { assert, describe, it } from "@effect/vitest"
import { suggest } from "../../cli/suggest.js"

const commands = ["poke", "feed", "peek", "follow", "get", "fetch", "pool", "doctor", "completion", "version", "help"]
const options = ["--tail", "--since", "--one", "--timeout", "--where", "--tag", "--data-only", "--format", "--jsonl"]

describe("suggest", () => {
  it.each([
    ["pek", "peek"],
    ["peeek", "peek"],
    ["epek", "peek"],
    ["pokee", "poke"],
    ["PEEK", "peek"],
    ["Poke", "poke"],
    ["dcotor", "doctor"],
    ["verison", "version"],
    ["folow", "follow"],
    ["gett", "get"]
  ])("%s is %s", (typed, meant) => {
    assert.strictEqual(suggest(typed, commands), meant)
  })

  it.each([
    ["--tial", "--tail"],
    ["--TAIL", "--tail"],
    ["--time-out", "--timeout"],
    ["--dataonly", "--data-only"],
    ["--json", "--jsonl"]
  ])("%s is %s", (typed, meant) => {
    assert.strictEqual(suggest(typed, options), meant)
  })

  it.each(["nosuchcommand", "serve", "xyz", "", "x", "rm"])("%j is nothing we know", (typed) => {
    assert.isUndefined(suggest(typed, commands))
  })

  it("prefers fewer slips, then the first candidate", () => {
    assert.strictEqual(suggest("orders", ["orders-old", "order", "older"]), "order")
    assert.strictEqual(suggest("chab", ["chat", "char"]), "chat")
  })

  it("does not suggest what was typed, nor anything from nothing", () => {
    assert.isUndefined(suggest("chat", ["chat"]))
    assert.isUndefined(suggest("chat", []))
    assert.isUndefined(suggest("a", ["b"]))
  })

  it("counts a swap of neighbours as one slip", () => {
    assert.strictEqual(suggest("pko", ["pok"]), "pok")
  })

  it("is quick about long words", () => {
    assert.isUndefined(suggest("x".repeat(100_000), commands))
  })
})
