/**
 * SHA-256 of a short text, for names that must be the same in every process. Node's own is in a module whose loading
 * takes longer than an append does, and a program that appends once would load it for one path.
 */

const wordBytes = 4
const blockBytes = 64
const rounds = 64

/** The first 32 bits of the fractional part of a root, which is what the constants of the algorithm are. */
const fractionOf = (root: number): number => ((root % 1) * 2 ** 32) | 0

const isPrime = (candidate: number): boolean => {
  for (let divisor = 2; divisor * divisor <= candidate; divisor++) if (candidate % divisor === 0) return false
  return true
}

const firstPrimes = (count: number): ReadonlyArray<number> => {
  const primes: Array<number> = []
  for (let candidate = 2; primes.length < count; candidate++) if (isPrime(candidate)) primes.push(candidate)
  return primes
}

const rotated = (word: number, bits: number): number => (word >>> bits) | (word << (32 - bits))

/** The hash of the text's UTF-8 bytes, in hexadecimal. */
export const sha256 = (text: string): string => {
  const primes = firstPrimes(rounds)
  const roundConstants = primes.map((prime) => fractionOf(Math.cbrt(prime)))
  const state = Int32Array.from(primes.slice(0, 8), (prime) => fractionOf(Math.sqrt(prime)))
  const bytes = padded(Buffer.from(text, "utf8"))
  const schedule = new Int32Array(rounds)
  for (let block = 0; block < bytes.length; block += blockBytes) {
    for (let index = 0; index < 16; index++) schedule[index] = bytes.readInt32BE(block + index * wordBytes)
    for (let index = 16; index < rounds; index++) {
      const near = schedule[index - 2]!
      const far = schedule[index - 15]!
      const sigma0 = rotated(far, 7) ^ rotated(far, 18) ^ (far >>> 3)
      const sigma1 = rotated(near, 17) ^ rotated(near, 19) ^ (near >>> 10)
      schedule[index] = schedule[index - 16]! + sigma0 + schedule[index - 7]! + sigma1
    }
    mix(state, schedule, roundConstants)
  }
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("")
}

const mix = (state: Int32Array, schedule: Int32Array, roundConstants: ReadonlyArray<number>): void => {
  let [a, b, c, d, e, f, g, h] = Array.from(state) as [number, number, number, number, number, number, number, number]
  for (let index = 0; index < rounds; index++) {
    const sum1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
    const choice = (e & f) ^ (~e & g)
    const first = (h + sum1 + choice + roundConstants[index]! + schedule[index]!) | 0
    const sum0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
    const majority = (a & b) ^ (a & c) ^ (b & c)
    h = g
    g = f
    f = e
    e = (d + first) | 0
    d = c
    c = b
    b = a
    a = (first + sum0 + majority) | 0
  }
  ;[a, b, c, d, e, f, g, h].forEach((word, index) => (state[index]! += word))
}

/** The bytes, a one bit, zeros, and the length in bits at the end of a block. */
const padded = (bytes: Buffer): Buffer => {
  const result = Buffer.alloc(Math.ceil((bytes.length + 9) / blockBytes) * blockBytes)
  bytes.copy(result)
  result[bytes.length] = 0x80
  result.writeBigUInt64BE(BigInt(bytes.length) * 8n, result.length - 8)
  return result
}
