// Encoding and decoding of payloads against `JSON.stringify` and `JSON.parse` of the same data, in the same minute
// on the same machine: the ratio says more than the time. Run `npm run build` first, then `node test/bench/codec.mjs`.
import * as os from "node:os"
import { decodeTags } from "../../dist/src/internal/lite3/decodeTags.js"
import { decodeText } from "../../dist/src/internal/lite3/decodeText.js"
import { decodeValue } from "../../dist/src/internal/lite3/decodeValue.js"
import { encodeText } from "../../dist/src/internal/lite3/encodeText.js"
import { encodeValue } from "../../dist/src/internal/lite3/encodeValue.js"

const rounds = 11
const roundMillis = 40

const samples = {
  tiny: () => ({ from: "alice", msg: "hello bob" }),
  "1 KiB": () => ({ text: "abcdefgh".repeat(128) }),
  "20 keys": () =>
    Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`field${i}`, i % 3 ? i * 7 : `value ${i}`])),
  nested: () => ({
    id: 17,
    at: { lat: 52.51, lon: 13.4 },
    tags: ["a", "b", "c"],
    user: { name: "alice", admin: false }
  })
}

/** Only lines that contain all of these: `node test/bench/codec.mjs tiny encode`. */
const wanted = process.argv.slice(2)

const sink = { total: 0 }

/** Nanoseconds per call in one round. */
const measure = (operation) => {
  let calls = 0
  const start = process.hrtime.bigint()
  const end = start + BigInt(roundMillis) * 1_000_000n
  let now = start
  while (now < end) {
    for (let index = 0; index < 500; index++) sink.total += operation(index)
    calls += 500
    now = process.hrtime.bigint()
  }
  return Number(now - start) / calls
}

const median = (numbers) => numbers.sort((left, right) => left - right)[numbers.length >> 1]

/** Interleaved, so that both meet the same neighbours. */
const compare = (name, yardstick, operation) => {
  if (!wanted.every((word) => name.includes(word))) return
  const ratios = []
  const times = []
  measure(operation)
  measure(yardstick)
  for (let round = 0; round < rounds; round++) {
    const reference = measure(yardstick)
    const time = measure(operation)
    times.push(time)
    ratios.push(time / reference)
  }
  console.log(`${name.padEnd(28)} ${median(times).toFixed(0).padStart(7)} ns   ratio ${median(ratios).toFixed(2)}`)
}

console.log(`node ${process.version}, ${os.cpus().length} x ${os.cpus()[0]?.model ?? "?"}`)
for (const [name, make] of Object.entries(samples)) {
  const values = Array.from({ length: 64 }, make)
  const texts = values.map((value) => JSON.stringify(value))
  const payloads = values.map((value) => encodeValue(value, []))
  const stringify = (index) => JSON.stringify(values[index & 63]).length
  const parse = (index) => Object.keys(JSON.parse(texts[index & 63])).length
  compare(`${name}: encode value`, stringify, (index) => encodeValue(values[index & 63], []).length)
  compare(`${name}: encode text`, parse, (index) => encodeText(texts[index & 63], []).length)
  compare(`${name}: decode value`, parse, (index) => Object.keys(decodeValue(payloads[index & 63]).data).length)
  compare(`${name}: decode text`, parse, (index) => decodeText(payloads[index & 63]).dataText.length)
  compare(`${name}: decode tags`, parse, (index) => decodeTags(payloads[index & 63]).length)
}
if (sink.total === 0) throw new Error("nothing was measured")
