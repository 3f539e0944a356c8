// The standard streams without Effect and without Node's streams: what is written is out when the call returns.
import * as fs from "node:fs"
import { tty } from "../layers/lazyModules.js"

/** A pipe whose reader is slow may be full; there is nothing else to do meanwhile. */
const pauseMillis = 2
const sleeper = new Int32Array(new SharedArrayBuffer(4))

/** Throws what the system says, such as `EPIPE`. The text is a string, or UTF-8 already. */
export const writeFully = (descriptor: number, text: string | Uint8Array): void => {
  const bytes = typeof text === "string" ? Buffer.from(text, "utf8") : text
  for (let written = 0; written < bytes.length;) {
    try {
      written += fs.writeSync(descriptor, bytes, written)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error
      Atomics.wait(sleeper, 0, 0, pauseMillis)
    }
  }
}

/** A file, a pipe or `/dev/null` is none; only for another device is it worth loading what can tell. */
export const isTerminal = (descriptor: number): boolean => {
  try {
    const status = fs.fstatSync(descriptor)
    if (!status.isCharacterDevice() || status.rdev === fs.statSync("/dev/null").rdev) return false
  } catch {
    return false
  }
  return tty().isatty(descriptor)
}
