/** Chunks of messages are Effect's own in all but how they are made. */
import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Equal from "effect/Equal"
import * as Hash from "effect/Hash"
import * as Option from "effect/Option"
import { messageChunk } from "../src/internal/messageChunk.js"

describe("messageChunk", () => {
  for (const length of [0, 1, 2, 500]) {
    const array = Array.from({ length }, (_, index) => `message ${index}`)
    const chunk = messageChunk(array)
    const usual = Chunk.fromIterable(array)

    it(`is a chunk of ${length}, like any other`, () => {
      assert.isTrue(Chunk.isChunk(chunk))
      assert.isTrue(Equal.equals(chunk, usual))
      assert.strictEqual(Hash.hash(chunk), Hash.hash(usual))
      assert.deepStrictEqual([...chunk], array)
      assert.deepStrictEqual(JSON.stringify(chunk), JSON.stringify(usual))
      assert.deepStrictEqual(Chunk.toReadonlyArray(chunk), array)
      assert.strictEqual(Chunk.size(chunk), length)
      assert.deepStrictEqual(Chunk.get(chunk, 1), Option.fromNullable(array[1]))
      assert.deepStrictEqual([...Chunk.reverse(chunk)], [...Chunk.reverse(usual)])
    })

    it(`of ${length} can be taken apart and put together`, () => {
      const both = Chunk.appendAll(
        Chunk.drop(chunk, 1),
        Chunk.map(Chunk.take(chunk, 300), (text) => text.length)
      )
      assert.deepStrictEqual([...both], [...array.slice(1), ...array.slice(0, 300).map((text) => text.length)])
      const isEnding = (text: string): boolean => text.endsWith("7")
      assert.deepStrictEqual(Chunk.toArray(Chunk.filter(chunk, isEnding)), array.filter(isEnding))
    })
  }

  it("knows the inside of this version's chunks", () => {
    const { backing } = messageChunk([1, 2]) as unknown as { readonly backing: object }
    assert.notStrictEqual(Object.getPrototypeOf(backing), Object.prototype)
  })
})
