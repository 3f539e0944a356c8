// What must not compile when pools with a schema, questions and answers, and the client without Effect are used wrongly. Never
// run; see `pools.ts`.
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { Client, Message } from "../../layers/index.js"
import { Durability, ErrorKind } from "../../layers/index.js"
import type { Pool } from "../../src/Pool.js"
import type { PoolError } from "../../src/PoolError.js"
import * as RequestReply from "../../src/RequestReply.js"
import * as TypedPool from "../../src/TypedPool.js"

declare const pool: Pool

class Reading extends Schema.Class<Reading>("Reading")({ sensor: Schema.String, at: Schema.Date }) {}

const readings = TypedPool.make(pool, Reading)

export const right = readings.append(new Reading({ sensor: "roof", at: new Date(0) }), { tags: ["roof"] })
// @ts-expect-error: the decoded side goes in, with a date
export const encoded = readings.append({ sensor: "roof", at: "1970-01-01T00:00:00Z" })
// @ts-expect-error: the sensor is missing
export const incomplete = readings.append({ at: new Date(0) })
// @ts-expect-error: each value of a batch, too
export const batch = readings.appendAll([{ data: { sensor: 1, at: new Date(0) } }])
// @ts-expect-error: tags are text
export const tags = readings.append(new Reading({ sensor: "roof", at: new Date(0) }), { tags: [1] })
// @ts-expect-error: a message is an object, and text encodes to text
export const textPool = TypedPool.make(pool, Schema.String)
// @ts-expect-error: dates are not JSON before they are encoded
export const datePool = TypedPool.make(pool, Schema.Struct({ at: Schema.DateFromSelf }))

export const failing: Stream.Stream<
  TypedPool.TypedMessage<Reading>,
  PoolError | TypedPool.SchemaMismatch
> = readings.tail()
// @ts-expect-error: what does not fit is an error, unless somebody says otherwise
export const forgotten: Stream.Stream<TypedPool.TypedMessage<Reading>, PoolError> = readings.tail()
export const skipping: Stream.Stream<TypedPool.TypedMessage<Reading>, PoolError> = readings.tail({ onMismatch: "skip" })
export const each: Effect.Effect<void, PoolError | TypedPool.SchemaMismatch> = readings.forEach(
  ({ data }) => void data.at
)
export const eachSkipping: Effect.Effect<void, PoolError> = readings.forEach(() => {}, { onMismatch: "skip" })
// @ts-expect-error: what does not fit is an error here, too
export const eachForgotten: Effect.Effect<void, PoolError> = readings.forEach(() => {})
// @ts-expect-error: there are two words, and functions
export const ignored = readings.tail({ onMismatch: "ignore" })
// @ts-expect-error: reads give `Reading`, not something else
export const misread: Stream.Stream<{ readonly data: { readonly sensor: number } }, unknown> = readings.tail()

const squares = RequestReply.protocol({ request: Schema.Number, reply: Schema.Number })
declare const pair: RequestReply.PoolPair
export const served = RequestReply.serve(pair, squares, (n) => Effect.succeed(n * n))
// @ts-expect-error: the reply is a number
export const servedText = RequestReply.serve(pair, squares, (n) => Effect.succeed(String(n)))
// @ts-expect-error: a protocol without failures has a handler without failures
export const servedFailing = RequestReply.serve(pair, squares, () => Effect.fail("no"))
export const asked = Effect.flatMap(RequestReply.client(pair, squares), ({ ask }) => ask(2, { deadline: "1 second" }))
export const askedText = Effect.flatMap(RequestReply.client(pair, squares), ({ ask }) =>
  // @ts-expect-error: the request is a number
  ask("2", { deadline: "1 second" })
)
// @ts-expect-error: nobody waits for ever
export const askedForever = Effect.flatMap(RequestReply.client(pair, squares), ({ ask }) => ask(2))

declare const client: Client
const docs = client.pool("docs")
export const message: Message = docs.append({ kind: "note" }, ["note"], Durability.Flush)
// @ts-expect-error: tags are a list
export const clientTag = docs.append({ kind: "note" }, "note")
// @ts-expect-error: tags are text
export const clientTags = docs.append({ kind: "note" }, [1])
// @ts-expect-error: numbers of messages are `bigint`
export const clientSeq: number = message.seq
// @ts-expect-error: nobody knows what data is there before looking
export const clientData = message.data.kind
// @ts-expect-error: durability is a number here, as upstream has it
export const clientDurability = docs.append({ kind: "note" }, [], "flush")
// @ts-expect-error: a tail is awaited
export const clientTail: Iterable<Message> = docs.tail()

// @ts-expect-error: most kinds are not handled, so there is not always an answer
export const kindName = (kind: ErrorKind): string => {
  switch (kind) {
    case ErrorKind.Busy:
      return "busy"
  }
}
