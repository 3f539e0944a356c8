// The standard streams without Effect and without Node's streams: what is written is out when the call returns.
import * as fs from "node:fs"
import { tty } from "../layers/lazyModules.js"

/** A pipe whose reader is slow may be full; there is nothing else to do meanwhile. */
const pauseMillis = 2
const sleeper = new Int32Array(new SharedArrayBuffer(4))

/** One buffer for all the texts of a program that writes many; a program that writes little does not need it. */
const reusedBytes = 512 * 1024
const smallLength = 4096
const bytesPerCodeUnit = 3
let reused: Buffer | undefined

/** The text as UTF-8, until the next call. */
const encoded = (text: string): Buffer => {
  if (text.length < smallLength || text.length * bytesPerCodeUnit > reusedBytes) return Buffer.from(text, "utf8")
  reused ??= Buffer.allocUnsafeSlow(reusedBytes)
  return reused.subarray(0, reused.write(text, "utf8"))
}

/** Throws what the system says, such as `EPIPE`. */
export const writeFully = (descriptor: number, text: string): void => {
  const bytes = encoded(text)
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
