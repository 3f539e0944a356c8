/**
 * Arrays and records of which many are made for messages that soon are forgotten. The engine watches what is written as
 * `[…]` or `{…}`: once enough of it outlived a collection, it makes the next ones among what lives long. There a batch
 * keeps each of its messages alive, dead as both are, until the collector's slow pass, and a tail takes a third longer.
 * It does not watch copies made by its own functions, nor instances of classes: hot loops make those.
 *
 * A closure that is a generator function does the same to what it closes over, once it was called: its generators have a hidden
 * class of their own, which lives long. Per batch, `Effect.gen` takes a method or function that is given the batch.
 */

const none: ReadonlyArray<never> = []

export const freshArray = <A>(): Array<A> => none.slice()
