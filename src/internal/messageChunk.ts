/**
 * A chunk around an array of messages, without the record that Effect writes as a literal: made for every chunk of a
 * program, such a literal may be taken for what lives long (see `freshArray`), and then keeps whole batches alive after
 * everybody has forgotten them. Effect does not promise how a chunk looks inside, so that is put to a test before it is
 * relied on.
 */
import * as Chunk from "effect/Chunk"

class ArrayBacking {
  readonly _tag = "IArray"
  constructor(readonly array: ReadonlyArray<unknown>) {}
}

const none = Chunk.empty<never>()

const build = (array: ReadonlyArray<unknown>): unknown => {
  const chunk = Object.create(Object.getPrototypeOf(none) as object) as Record<string, unknown>
  chunk["backing"] = new ArrayBacking(array)
  chunk["length"] = array.length
  chunk["depth"] = 0
  chunk["left"] = none
  chunk["right"] = none
  return chunk
}

/** Member by member, with what is in the backing. */
const inside = (chunk: unknown): string => {
  const { backing, left, right, ...rest } = chunk as Record<string, unknown>
  const members = [backing, rest].map((part) => Object.entries(part as object).sort())
  return JSON.stringify([left === none, right === none, ...members])
}

const model = ["a", "b"]
const isKnown = inside(build(model)) === inside(Chunk.unsafeFromArray(model))

/** The chunk shares the array, which nobody may change any more. */
export const messageChunk = <A>(messages: ReadonlyArray<A>): Chunk.Chunk<A> =>
  isKnown && messages.length > 0 ? (build(messages) as Chunk.Chunk<A>) : Chunk.unsafeFromArray(messages)
