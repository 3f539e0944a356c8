/**
 * Starts the processes of these tests. Their program is bundled from the sources, so it is never older than they are,
 * and starts fast enough to be killed tens of thousands of times.
 */
import * as Esbuild from "esbuild"
import { type ChildProcess, spawn } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import type { Readable } from "node:stream"
import { fileURLToPath } from "node:url"
import type { DurabilityMode } from "../../src/Durability.js"
import type { TailFrom } from "../../src/EncodedPool.js"
import type { Mixture } from "./messages.js"

interface AnyTask {
  readonly path: string
  readonly storage: "mapped" | "file"
  readonly mixture: Mixture
  readonly lockTimeoutMillis?: number
}

export interface WriteTask extends AnyTask {
  readonly part: "write"
  readonly author: number
  readonly durability: DurabilityMode
  readonly largestBatch: number
  readonly journal: string
  readonly count?: number
  /** A failure is expected: it is said on stdout, and the process ends well. */
  readonly mayFail?: boolean
}

export interface FollowTask extends AnyTask {
  readonly part: "follow"
  readonly from: Extract<TailFrom, "oldest" | { readonly seq: number }>
  readonly journals: ReadonlyArray<string>
  readonly last?: number
}

export interface RecordTask extends AnyTask {
  readonly part: "record"
  readonly author: number
  readonly operations: number
  readonly history: string
}

/** Appends so many keys, in order, from the first one on each time it is started; says for each which message has it. */
export interface KeyedTask extends AnyTask {
  readonly part: "keyed"
  readonly author: number
  readonly keys: number
  readonly durability: DurabilityMode
}

export type ChildTask = WriteTask | FollowTask | RecordTask | KeyedTask

export interface Child {
  readonly pid: number
  readonly signal: (signal: NodeJS.Signals) => void
  readonly send: (line: string) => void
  /** The next whole line it says; `undefined` when it ended. What a kill cut off within a line was never said. */
  readonly nextLine: () => Promise<string | undefined>
  /** When it has ended: with which status, or by which signal. */
  readonly ended: Promise<number | NodeJS.Signals>
}

let keepsEvidence = false

/** From now on temporary directories stay, with the pools in them that show what went wrong. */
export const keepEvidence = (): void => {
  keepsEvidence = true
}

/** A directory that is gone when the process ends, unless it is evidence. */
export const temporaryDirectory = (): string => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "pls-kill-"))
  process.on("exit", () => {
    if (!keepsEvidence) fs.rmSync(directory, { recursive: true, force: true })
  })
  return directory
}

const nodeModules = fileURLToPath(new URL("../../node_modules", import.meta.url))
let bundled: string | undefined

const program = (): string => {
  if (bundled === undefined) {
    const directory = temporaryDirectory()
    bundled = path.join(directory, "child.mjs")
    fs.symlinkSync(nodeModules, path.join(directory, "node_modules"))
    Esbuild.buildSync({
      entryPoints: [fileURLToPath(new URL("child.ts", import.meta.url))],
      outfile: bundled,
      bundle: true,
      minify: true,
      platform: "node",
      format: "esm",
      external: ["koffi", "jq-wasm"]
    })
  }
  return bundled
}

/** Starts a child, by way of `command` if given: that is followed by the words that start it. */
export const startChild = (task: ChildTask, command: ReadonlyArray<string> = []): Child => {
  const words = [...command, process.execPath, program(), JSON.stringify(task)]
  return watch(spawn(words[0]!, words.slice(1), { stdio: ["pipe", "pipe", "inherit"] }))
}

/** Starts any program, with files for its input and output. */
export const startProgram = (command: ReadonlyArray<string>, input: string, output: string): Child => {
  const stdio = [fs.openSync(input, "r"), fs.openSync(output, "a")] as const
  try {
    return watch(spawn(command[0]!, command.slice(1), { stdio: [...stdio, "ignore"] }))
  } finally {
    stdio.forEach((descriptor) => fs.closeSync(descriptor))
  }
}

const watch = (child: ChildProcess): Child => {
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.on("error", reject)
    child.on("exit", (status, signal) => resolve(signal ?? status ?? 0))
  })
  // What it no longer reads is no concern of ours: its end is.
  child.stdin?.on("error", () => {})
  const lines = child.stdout === null ? undefined : wholeLines(child.stdout)
  return {
    pid: child.pid!,
    signal: (signal) => void child.kill(signal),
    send: (line) => void child.stdin?.write(`${line}\n`),
    nextLine: async () => {
      const line = await lines?.next()
      return line === undefined || line.done === true ? undefined : line.value
    },
    ended
  }
}

/** Only lines that were ended: `readline` would take the part of one that a killed process left for a line. */
async function* wholeLines(output: Readable): AsyncGenerator<string, void> {
  let rest = ""
  for await (const text of output.setEncoding("utf8")) {
    const lines = (rest + String(text)).split("\n")
    rest = lines.pop()!
    yield* lines
  }
}

/** Fails when it takes longer than anything may take. */
export const within = async <A>(millis: number, what: string, promise: Promise<A>): Promise<A> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Hung(`${what} took more than ${millis} ms`)), millis)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Something that must end did not end. */
export class Hung extends Error {}
