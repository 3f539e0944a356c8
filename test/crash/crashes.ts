/**
 * Death at every point of an append: all readers and all next writers, after each.
 */
import { Ring } from "../../src/internal/ring/Ring.js"
import { RingWriter } from "../../src/internal/ring/RingWriter.js"
import type { NextWriter } from "./aftermath.js"
import { checkReaders, checkSound, checkWriter, nextWriters, WatchedFile } from "./aftermath.js"
import type { CutOrder } from "./crashPoints.js"
import { forEachCrashPoint } from "./crashPoints.js"
import { Violation } from "./Ledger.js"
import type { Promised, Scenario } from "./scenarios.js"

/** A violation that says where it happened. */
export const located = <A>(where: () => string, run: () => A): A => {
  try {
    return run()
  } catch (exception) {
    if (exception instanceof Violation) throw new Violation(exception.breach, `${where()}: ${exception.message}`)
    throw new Violation("failed", `${where()}: ${exception instanceof Error ? exception.stack : String(exception)}`)
  }
}

/** What a dead writer of upstream's left, until the repair of it is published. */
export const mayNeedRepair = ({ kind, writer }: Scenario): boolean => writer === "upstream" || kind === "repair"

/** What our appends leave is sound as it is, whoever comes next; what upstream leaves, our next writer makes so. */
const checkPoint = (
  scenario: Scenario,
  image: Uint8Array,
  promised: Promised,
  writers: ReadonlyArray<NextWriter>
): void => {
  const { atRest, ledger } = scenario
  const aftermath = { before: atRest, image, ledger, promised, strictness: "whole" } as const
  const isSound = !mayNeedRepair(scenario)
  if (isSound) checkSound(image)
  checkReaders(aftermath)
  for (const writer of writers) {
    // Upstream cannot go on where another upstream writer died; that is what repairs are for.
    if (writer === "upstream" && !isSound) continue
    checkWriter({ ...aftermath, soundFrom: soundFrom(scenario, writer) }, writer)
  }
}

const soundFrom = ({ kind }: Scenario, writer: NextWriter): "entry" | "append" =>
  kind.includes("heal") && writer === "surviving" ? "append" : "entry"

export interface CrashOptions {
  readonly order: CutOrder
  readonly random: () => number
  /** Which next writers come after the n-th point. */
  readonly writersAt?: (point: number) => ReadonlyArray<NextWriter>
}

/** Returns how many points there were. */
export const checkCrashes = (scenario: Scenario, options: CrashOptions): number => {
  const { order, random } = options
  let point = 0
  return forEachCrashPoint(scenario, order, random, (image, promised, storesDone) => {
    const writers = options.writersAt?.(point) ?? nextWriters
    located(
      () => `${scenario.kind}, ${order}, point ${point}, ${storesDone} of ${scenario.stores.length} stores`,
      () => checkPoint(scenario, image, promised, writers)
    )
    point++
  })
}

/** The disk fails at every store in turn; the very handle that met the failure goes on. Returns how many stores. */
export const checkFailures = (scenario: Scenario): number => {
  const { before, ledger, payloads, promised, stores } = scenario
  for (let failing = 0; failing < stores.length; failing++) {
    const file = new WatchedFile(before.slice())
    const writer = new RingWriter(Ring.open(file))
    let done = 0
    file.failure = () => done++ === failing
    try {
      writer.appendAll(payloads, 7, 9, undefined)
      throw new Violation("failed", "a failing disk was not noticed")
    } catch (exception) {
      if (exception instanceof Violation) throw exception
    }
    file.failure = undefined
    const image = file.bytes.slice()
    const aftermath = { before, image, ledger, promised: promised[failing]!, strictness: "whole" } as const
    located(
      () => `${scenario.kind}, store ${failing} of ${stores.length} failed`,
      () => {
        checkReaders(aftermath)
        checkWriter({ ...aftermath, soundFrom: soundFrom(scenario, "surviving") }, "surviving", { writer, file })
      }
    )
  }
  return stores.length
}
