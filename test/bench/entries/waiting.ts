/** What a follower costs while nothing comes, and what memory it takes to print all of a large pool. */
import { spawn, type ChildProcess } from "node:child_process"
import * as fs from "node:fs"
import { type Entry, NotHere } from "../Entry.js"
import { sleep } from "../messages.js"
import { upstreamCommand } from "../peers/upstream.js"
import { mebibyte, poolPath, sharedPool } from "../pools.js"
import {
  hasProc,
  kept,
  pls,
  processorNanos,
  residentKibibytesBeyond,
  terminated,
  wholeProcessMillis
} from "../processes.js"

const node = process.execPath
const settleMillis = 1_500
const windowMillis = 2_000

export const idle: Entry = {
  name: "idle",
  rows: [
    {
      name: "idle CPU",
      what: "idle CPU of a waiting `peek`",
      unit: "% of a core",
      yardstick: "upstream's waiting follow",
      figure: "ours",
      direction: "at most",
      bar: 0.5,
      aim: 0.1
    }
  ],
  open: async ({ directory }) => {
    if (!hasProc()) throw new NotHere("it is read from /proc")
    wholeProcessMillis([node, pls, "--dir", directory, "pool", "create", "p"])
    const follow = (command: ReadonlyArray<string>): ChildProcess =>
      kept(spawn(command[0]!, command.slice(1), { stdio: ["ignore", "ignore", "inherit"] }))
    const ours = follow([node, pls, "--dir", directory, "peek", "p"])
    const upstream = upstreamCommand()
    const theirs = upstream === undefined ? undefined : follow([upstream, "--dir", directory, "follow", "p"])
    await sleep(settleMillis)
    const used = (child: ChildProcess): number => processorNanos(child.pid!)
    return {
      round: async () => {
        const started = process.hrtime.bigint()
        const before = [used(ours), theirs === undefined ? 0 : used(theirs)] as const
        await sleep(windowMillis)
        const percentOf = (nanos: number): number => (nanos * 100) / Number(process.hrtime.bigint() - started)
        const sample = { ours: percentOf(used(ours) - before[0]) }
        return {
          "idle CPU": theirs === undefined ? sample : { ...sample, yardstick: percentOf(used(theirs) - before[1]) }
        }
      },
      close: async () => {
        await terminated(ours)
        if (theirs !== undefined) await terminated(theirs)
      }
    }
  }
}

const lookMillis = 40

/** The most memory that a process had while it printed so many lines, in MiB, without the maps of the pool. */
const peakWhilePrinting = async (command: ReadonlyArray<string>, lines: number, file: string): Promise<number> => {
  const child = kept(spawn(command[0]!, command.slice(1), { stdio: ["ignore", "pipe", "inherit"] }))
  let peak = 0
  const look = (): void => {
    if (child.exitCode === null) peak = Math.max(peak, residentKibibytesBeyond(child.pid!, file) / 1024)
  }
  const timer = setInterval(look, lookMillis)
  let seen = 0
  try {
    for await (const piece of child.stdout) {
      const bytes = piece as Buffer
      for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) seen++
      if (seen >= lines) break
    }
    look()
    if (seen < lines) throw new Error(`${command.join(" ")} ended after ${seen} of ${lines} lines`)
    return peak
  } finally {
    clearInterval(timer)
    await terminated(child)
  }
}

/** A quarter of the pool: memory is level long before that. */
const printed = 500_000

export const memory: Entry = {
  name: "memory",
  rows: [
    {
      name: "memory",
      what: "resident memory beyond the mapping, `peek` of a 1 GiB pool",
      unit: "MiB",
      figure: "ours",
      direction: "at most",
      bar: 120,
      aim: 80
    }
  ],
  open: async ({ shared }) => {
    if (!hasProc()) throw new NotHere("it is read from /proc")
    const { name } = await sharedPool(shared, 1_024 * mebibyte)
    const file = fs.realpathSync(poolPath(shared, name))
    const command = [node, pls, "--dir", shared, "peek", name, "--tail", String(printed), "--jsonl"]
    return {
      round: async () => {
        return { memory: { ours: await peakWhilePrinting(command, printed, file) } }
      },
      close: async () => {}
    }
  }
}
