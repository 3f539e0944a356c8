/**
 * What a handle remembers of the keys in its pool: those of retained messages, all of them, and no more.
 */
import { assert, describe, it } from "@effect/vitest"
import { decodeTags } from "../src/internal/lite3/decodeTags.js"
import { encodeValue } from "../src/internal/lite3/encodeValue.js"
import { keysOf } from "../src/internal/lite3/keyTags.js"
import { RetainedKeys } from "../src/internal/RetainedKeys.js"
import { Ring } from "../src/internal/ring/Ring.js"
import { makeRandom, MemoryFile, TestLock } from "./ring/MemoryFile.js"
import { openWriter } from "./ring/tools.js"
import { upstreamAppend } from "./ring/UpstreamWriter.js"

const keyed = (...keys: ReadonlyArray<string>): Uint8Array =>
  encodeValue(
    { text: "some" },
    keys.map((key) => `key:${key}`)
  )

const readAll = (keys: RetainedKeys): void => {
  while (keys.readOn(7, 1 << 20) === "more");
}

describe("the keys of a payload", () => {
  it("are what follows `key:` in its tags, however many tags there are", () => {
    const random = makeRandom(7)
    const tags = ["", "key:", "key:a", "key:ü☃𝄞", "key:key:b", "monkey:c", "Key:d", `key:${"long".repeat(40)}`, "e"]
    for (let round = 0; round < 500; round++) {
      const some = Array.from({ length: Math.floor(random() * 12) }, () => tags[Math.floor(random() * tags.length)]!)
      const payload = encodeValue({ n: round }, some)
      const expected = decodeTags(payload).filter((tag) => tag.startsWith("key:") && tag !== "key:")
      assert.deepStrictEqual(
        keysOf(payload),
        expected.map((tag) => tag.slice(4))
      )
    }
  })
})

describe("retained keys", () => {
  it("are those of the messages in the ring, by their first message; nothing is kept of what it dropped", () => {
    const file = MemoryFile.create(4096 + 40_000, 16)
    const writer = openWriter(file)
    const keys = new RetainedKeys(Ring.open(file), new TestLock())
    const ring = Ring.open(file)
    const random = makeRandom(3)
    for (let seq = 1; seq <= 20_000; seq++) {
      const key = random() < 0.3 ? `${Math.floor(random() * 60)}` : `own ${seq}`
      writer.appendAll([random() < 0.2 ? encodeValue({ seq }, ["plain"]) : keyed(key)], 0, 0, undefined)
      if (seq % 500 !== 0) continue
      readAll(keys)
      const { newest, oldest } = ring.readGroup()
      assert.isAtMost(keys.size, newest - oldest + 1)
      assert.isAbove(keys.size, 20)
      const anew = new RetainedKeys(Ring.open(file), new TestLock())
      readAll(anew)
      assert.strictEqual(anew.size, keys.size)
      for (let at = 0; at < 60; at++) assert.strictEqual(keys.firstSeq(`${at}`), anew.firstSeq(`${at}`))
      const first = keys.firstSeq("1")
      if (first !== undefined) assert.isAtLeast(first, oldest)
    }
  })

  it("are read of messages without checksums, too, once nobody is appending", () => {
    const file = MemoryFile.create(4096 + 8000, 4)
    upstreamAppend(file, keyed("a", "b"))
    const lock = new TestLock()
    const keys = new RetainedKeys(Ring.open(file), lock)
    assert.isTrue(lock.tryAcquire("exclusive"))
    const inTheMiddle = new RetainedKeys(Ring.open(file), { tryAcquire: () => false, release: () => {} })
    assert.strictEqual(inTheMiddle.readOn(10, 1 << 20), "contended")
    assert.strictEqual(
      keys.whileLocked(() => keys.readOn(10, 1 << 20)),
      "all"
    )
    lock.release()
    assert.deepStrictEqual([keys.firstSeq("a"), keys.firstSeq("b"), keys.firstSeq("c")], [1, 1, undefined])
  })
})
