/** Whole processes: how long a command takes from its start to its end, beside a Node that does nothing. */
import * as fs from "node:fs"
import * as path from "node:path"
import type { Entry } from "../Entry.js"
import { upstreamCommand } from "../peers/upstream.js"
import { mebibyte, sharedPool } from "../pools.js"
import { millisUntilLines, pls, wholeProcessMillis } from "../processes.js"

const node = process.execPath

export const start: Entry = {
  name: "start",
  roundsFactor: 3,
  rows: [
    {
      name: "poke start",
      what: "`pls poke p '{\"x\":1}'`, whole process ÷ `node -e 0`",
      unit: "ms",
      yardstick: "node -e 0",
      figure: "ratio",
      direction: "at most",
      bar: 1.45,
      aim: 1.2
    }
  ],
  open: async ({ directory }) => {
    const upstream = upstreamCommand()
    const ours = (...args: ReadonlyArray<string>): ReadonlyArray<string> => [node, pls, "--dir", directory, ...args]
    const commands: Readonly<Record<string, ReadonlyArray<string>>> = {
      "node -e 0": [node, "-e", "0"],
      "pls poke p '{\"x\":1}'": ours("poke", "p", '{"x":1}'),
      "pls get p 1": ours("get", "p", "1"),
      "pls pool info p": ours("pool", "info", "p"),
      "pls version": [node, pls, "version"],
      ...(upstream !== undefined && {
        "upstream feed p '{\"x\":1}'": [upstream, "--dir", directory, "feed", "p", '{"x":1}']
      })
    }
    wholeProcessMillis(ours("pool", "create", "p"))
    const millis = new Map<string, Array<number>>(Object.keys(commands).map((name) => [name, []]))
    const round = () => {
      const took = Object.entries(commands).map(([name, command]) => [name, wholeProcessMillis(command)] as const)
      for (const [name, value] of took) millis.get(name)!.push(value)
      const [bare, poke] = took
      return { "poke start": { ours: poke![1], yardstick: bare![1] } }
    }
    // The first runs compile and write the code cache; a user's second call finds it.
    for (let warm = 0; warm < 2; warm++) round()
    for (const values of millis.values()) values.length = 0
    return {
      round: async () => round(),
      plots: () => ({ start: [...millis].map(([name, values]) => ({ name, values })) }),
      close: async () => {}
    }
  }
}

const ingested = 200_000
const printed = 200_000

const linesFile = (directory: string, name: string, lines: number): string => {
  const file = path.join(directory, name)
  fs.writeFileSync(file, Array.from({ length: lines }, (_, index) => `{"line":${index},"msg":"hello bob"}\n`).join(""))
  return file
}

const millisFrom = (file: string, command: ReadonlyArray<string>): number => {
  const input = fs.openSync(file, "r")
  try {
    return wholeProcessMillis(command, [input, "ignore", "pipe"])
  } finally {
    fs.closeSync(input)
  }
}

export const ingest: Entry = {
  name: "ingest",
  rows: [
    {
      name: "poke ingest",
      what: "`pls poke p` from 200,000 JSON Lines, beyond start-up",
      unit: "lines/s",
      yardstick: "upstream's feed, of 20,000",
      figure: "ours",
      direction: "at least",
      bar: 200_000,
      aim: 500_000
    }
  ],
  open: async ({ directory }) => {
    const upstream = upstreamCommand()
    const one = linesFile(directory, "one.jsonl", 1)
    const many = linesFile(directory, "many.jsonl", ingested)
    const some = linesFile(directory, "some.jsonl", ingested / 10)
    const poke = [node, pls, "--dir", directory, "poke", "p"]
    wholeProcessMillis([node, pls, "--dir", directory, "pool", "create", "p", "--size", "128M"])
    const linesPerSecond = (command: ReadonlyArray<string>, file: string, lines: number): number => {
      const start = millisFrom(one, command)
      return ((lines - 1) * 1e3) / (millisFrom(file, command) - start)
    }
    linesPerSecond(poke, some, ingested / 10)
    return {
      round: async () => {
        const ours = linesPerSecond(poke, many, ingested)
        if (upstream === undefined) return { "poke ingest": { ours } }
        const feed = [upstream, "--dir", directory, "feed", "p"]
        return { "poke ingest": { ours, yardstick: linesPerSecond(feed, some, ingested / 10) } }
      },
      close: async () => {}
    }
  }
}

export const print: Entry = {
  name: "print",
  rows: [
    {
      name: "peek print",
      what: "`pls peek p --tail 200000 --jsonl` (replaying a 128 MiB pool), start-up included",
      unit: "lines/s",
      yardstick: "upstream's follow, of 40,000",
      figure: "ours",
      direction: "at least",
      bar: 300_000,
      aim: 1_000_000
    }
  ],
  open: async ({ shared }) => {
    const { count, name } = await sharedPool(shared, 128 * mebibyte)
    if (count < printed) throw new Error(`the pool holds only ${count} messages`)
    const upstream = upstreamCommand()
    const linesPerSecond = async (command: ReadonlyArray<string>, lines: number): Promise<number> => {
      const tail = [name, "--tail", String(lines), "--jsonl"]
      return (lines * 1e3) / (await millisUntilLines([...command, ...tail], lines))
    }
    return {
      round: async () => {
        const ours = await linesPerSecond([node, pls, "--dir", shared, "peek"], printed)
        if (upstream === undefined) return { "peek print": { ours } }
        const yardstick = await linesPerSecond([upstream, "--dir", shared, "follow"], printed / 5)
        return { "peek print": { ours, yardstick } }
      },
      close: async () => {}
    }
  }
}
