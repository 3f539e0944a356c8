/**
 * Parts of Node that take milliseconds to load, and that most runs of a short program never use: loaded when asked for.
 */
import type * as Crypto from "node:crypto"
import { createRequire } from "node:module"
import type * as Tty from "node:tty"
import type * as WorkerThreads from "node:worker_threads"

/** Loads what is installed, as CommonJS would from this file. */
export const requireLater = createRequire(import.meta.url)

export const crypto = (): typeof Crypto => requireLater("node:crypto") as typeof Crypto

export const tty = (): typeof Tty => requireLater("node:tty") as typeof Tty

export const workerThreads = (): typeof WorkerThreads => requireLater("node:worker_threads") as typeof WorkerThreads
