// The streams and surroundings of the process, as a service: commands never touch `process`, and tests can give them
// other surroundings. Writing is synchronous: a record is out when the call returns, a reader that stopped reading
// stops the command with it, and no exit can cut anything off.
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as fs from "node:fs"
import * as os from "node:os"
import { nativeIfAny } from "../layers/native.js"
import { PoolError } from "../src/PoolError.js"
import { isTerminal, writeFully } from "./standardStreams.js"

/** Whoever read our standard output has gone. */
export class OutputClosed extends Data.TaggedError("OutputClosed")<{}> {}

export class ProcessIo extends Context.Tag("effect-plasmite/cli/ProcessIo")<
  ProcessIo,
  {
    readonly stdinIsTerminal: boolean
    readonly stdoutIsTerminal: boolean
    readonly stderrIsTerminal: boolean
    readonly env: (name: string) => string | undefined
    readonly homeDirectory: string
    readonly currentDirectory: string
    /** The text, as a string or in UTF-8, is with the reader, or at least with the kernel. */
    readonly write: (text: string | Uint8Array) => Effect.Effect<void, OutputClosed | PoolError>
    /** Never ends, but for the failure when nobody can read standard output any more. */
    readonly readerGone: Effect.Effect<never, OutputClosed>
    /** The same for standard error, whose reader may be gone: then nobody wants to know. */
    readonly writeError: (text: string) => Effect.Effect<void>
  }
>() {}

/** A reader that left is noticed by writing to it; a program that waits for something to write has to ask. */
const readerCheckMillis = 250

const isPipe = (descriptor: number): boolean => {
  try {
    const status = fs.fstatSync(descriptor)
    return status.isFIFO() || status.isSocket()
  } catch {
    return false
  }
}

export const layer: Layer.Layer<ProcessIo> = Layer.sync(ProcessIo, () => ({
  stdinIsTerminal: isTerminal(0),
  stdoutIsTerminal: isTerminal(1),
  stderrIsTerminal: isTerminal(2),
  env: (name) => process.env[name],
  homeDirectory: process.env["HOME"] || os.userInfo().homedir,
  currentDirectory: process.cwd(),
  write: (text) =>
    Effect.suspend((): Effect.Effect<void, OutputClosed | PoolError> => {
      try {
        writeFully(1, text)
        return Effect.void
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException
        return code === "EPIPE"
          ? new OutputClosed()
          : new PoolError({
              reason: "Io",
              message: `cannot write to standard output: ${message}`,
              hint: "Check where the output goes: a full disk, a closed terminal?"
            })
      }
    }),
  readerGone: isPipe(1)
    ? Effect.flatMap(Effect.sleep(readerCheckMillis), () =>
        nativeIfAny()?.isReaderGone(1) === true ? new OutputClosed() : Effect.void
      ).pipe(Effect.forever)
    : Effect.never,
  writeError: (text) =>
    Effect.sync(() => {
      try {
        writeFully(2, text)
      } catch {
        // Nobody is left to tell.
      }
    })
}))
