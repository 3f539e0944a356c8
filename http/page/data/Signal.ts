/**
 * The page's state: values that tell who is interested when they change. A value that is set to what it is already
 * tells nobody, so that parts of the page can be derived from others without going round in circles.
 */
import { useLayoutEffect, useReducer } from "preact/hooks"

export class Signal<A> {
  private readonly listeners = new Set<(value: A) => void>()

  constructor(private current: A) {}

  get value(): A {
    return this.current
  }

  set(value: A): void {
    if (Object.is(value, this.current)) return
    this.current = value
    // Who begins to listen meanwhile has seen this value already.
    for (const listener of Array.from(this.listeners)) listener(value)
  }

  update(change: (value: A) => A): void {
    this.set(change(this.current))
  }

  /** Answers what ends the subscription. */
  subscribe(listener: (value: A) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }
}

/** Draws the component again when the signal changes. */
export const useSignal = <A>(signal: Signal<A>): A => useDerived(signal, identity)

const identity = <A>(value: A): A => value

/** The same for a part of it: only a part that changed draws again. */
export const useDerived = <A, B>(signal: Signal<A>, select: (value: A) => B): B => {
  const [, redraw] = useReducer<number, void>((count) => count + 1, 0)
  const drawn = select(signal.value)
  // Not later: what changes between drawing and listening would be drawn a frame late.
  useLayoutEffect(() => {
    let last = drawn
    const look = (): void => {
      const next = select(signal.value)
      if (Object.is(next, last)) return
      last = next
      redraw()
    }
    // It may have changed between drawing and now.
    look()
    return signal.subscribe(look)
  })
  return drawn
}
