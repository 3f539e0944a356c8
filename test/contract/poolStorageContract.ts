/**
 * What every pool storage must do: one suite, run over each layer. What only a real file system has (permissions,
 * links, full disks, kills) is in `diskStorage.test.ts`.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import type * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as FastCheck from "fast-check"
import type { PoolError } from "../../src/PoolError.js"
import { PoolStorage, type PoolFile } from "../../src/PoolStorage.js"

export interface PoolStorageTools<Extra> {
  readonly layer: Layer.Layer<PoolStorage | Extra>
  /** A directory with no pools in it. */
  readonly newDirectory: Effect.Effect<string, never, Scope.Scope | PoolStorage | Extra>
  /** Runs an effect to which the file can only be read. */
  readonly readingOnly: <A, E>(
    path: string,
    effect: Effect.Effect<A, E, Scope.Scope | PoolStorage>
  ) => Effect.Effect<A, E, Scope.Scope | PoolStorage | Extra>
}

const byteLength = 16384
const header = Uint8Array.from({ length: 4096 }, (_, index) => (index * 7 + 1) & 0xff)

const bytesOf = (file: PoolFile, offset = 0, length = file.byteLength): Uint8Array => {
  const bytes = new Uint8Array(length)
  file.read(offset, bytes, 0, length)
  return bytes
}

/** The exception a call throws. */
const thrownBy = (call: () => void): unknown => {
  try {
    call()
  } catch (exception) {
    return exception
  }
  return assert.fail("nothing was thrown")
}

/** Not a `PoolError`, which would speak of the machine, but a plain one, which speaks of a mistake in the program. */
const assertInvariant = (call: () => void): void => {
  const exception = thrownBy(call)
  assert.instanceOf(exception, Error)
  assert.notProperty(exception, "_tag")
}

export const poolStorageContract = <Extra>(name: string, tools: PoolStorageTools<Extra>): void => {
  const test = (
    title: string,
    body: (
      storage: PoolStorage["Type"],
      directory: string
    ) => Effect.Effect<void, unknown, Scope.Scope | PoolStorage | Extra>
  ): void => {
    it.scopedLive(title, () =>
      Effect.gen(function* () {
        yield* body(yield* PoolStorage, yield* tools.newDirectory)
      }).pipe(Effect.provide(tools.layer))
    )
  }

  const reasonOf = <A, R>(effect: Effect.Effect<A, PoolError, R>): Effect.Effect<string, never, R> =>
    Effect.map(Effect.either(effect), (result) => (Either.isLeft(result) ? result.left.reason : "no failure"))

  describe(`PoolStorage: ${name}`, () => {
    describe("create and open", () => {
      test("a new file has its length, its header, and zeroes", (storage, directory) =>
        Effect.gen(function* () {
          const path = `${directory}/a.plasmite`
          yield* storage.create(path, { byteLength, header })
          const file = yield* storage.open(path)
          assert.strictEqual(file.path, path)
          assert.strictEqual(file.byteLength, byteLength)
          assert.isTrue(file.writable)
          assert.isTrue(file.isCurrent())
          assert.deepStrictEqual(bytesOf(file, 0, 4096), header)
          assert.isTrue(bytesOf(file, 4096, byteLength - 4096).every((byte) => byte === 0))
        }))

      test("a mere look sees what is stored, as it is stored", (storage, directory) =>
        Effect.gen(function* () {
          const path = `${directory}/a.plasmite`
          const look = storage.openToLook ?? storage.open
          assert.strictEqual(yield* reasonOf(look(path)), "NotFound")
          yield* storage.create(path, { byteLength, header })
          const looking = yield* look(path)
          const file = yield* storage.open(path)
          assert.strictEqual(looking.byteLength, byteLength)
          file.write(4096, Uint8Array.of(1, 2, 3, 4, 5), 0, 5)
          file.store64(8192, 7, 0)
          assert.deepStrictEqual(bytesOf(looking, 4096, 5), Uint8Array.of(1, 2, 3, 4, 5))
          assert.deepStrictEqual(bytesOf(looking, 8192, 1), Uint8Array.of(7))
          assert.isTrue(looking.isCurrent())
        }))

      test("any length will do, also one that is no multiple of 8", (storage, directory) =>
        Effect.gen(function* () {
          for (const oddLength of [1, 4097, 8191, 12_346]) {
            const path = `${directory}/odd-${oddLength}.plasmite`
            yield* storage.create(path, { byteLength: oddLength, header: header.subarray(0, 1) })
            const file = yield* storage.open(path)
            assert.strictEqual(file.byteLength, oddLength)
            file.write(oddLength - 1, Uint8Array.of(9), 0, 1)
            assert.deepStrictEqual(bytesOf(file, oddLength - 1, 1), Uint8Array.of(9))
          }
        }))

      test("missing directories are made", (storage, directory) =>
        Effect.gen(function* () {
          const path = `${directory}/one/two/a.plasmite`
          yield* storage.create(path, { byteLength, header }, { durable: true })
          assert.strictEqual((yield* storage.open(path)).byteLength, byteLength)
        }))

      test("an existing file is AlreadyExists and stays as it is", (storage, directory) =>
        Effect.gen(function* () {
          const path = `${directory}/a.plasmite`
          yield* storage.create(path, { byteLength, header })
          const error = yield* Effect.flip(storage.create(path, { byteLength: 8192, header: new Uint8Array(8) }))
          assert.strictEqual(error.reason, "AlreadyExists")
          assert.strictEqual(error.path, path)
          const file = yield* storage.open(path)
          assert.strictEqual(file.byteLength, byteLength)
          assert.deepStrictEqual(bytesOf(file, 0, 4096), header)
        }))

      test("of many who create one pool at once, one succeeds", (storage, directory) =>
        Effect.gen(function* () {
          const attempts = Array.from({ length: 8 }, () =>
            reasonOf(storage.create(`${directory}/a.plasmite`, { byteLength, header }))
          )
          const results = yield* Effect.all(attempts, { concurrency: "unbounded" })
          assert.deepStrictEqual(results.sort(), [...Array.from({ length: 7 }, () => "AlreadyExists"), "no failure"])
          assert.strictEqual((yield* storage.list(directory)).length, 1)
        }))

      test("a missing file is NotFound, and the error helps", (storage, directory) =>
        Effect.gen(function* () {
          const path = `${directory}/missing.plasmite`
          const error = yield* Effect.flip(storage.open(path))
          assert.strictEqual(error.reason, "NotFound")
          assert.strictEqual(error.path, path)
          assert.include(error.message, path)
          assert.isNotEmpty(error.hint)
          assert.notInclude(error.message, "\n")
        }))

      test("a directory in the way is Io, and the message says so", (storage, directory) =>
        Effect.gen(function* () {
          yield* storage.create(`${directory}/d.plasmite/inner.plasmite`, { byteLength, header })
          const error = yield* Effect.flip(storage.open(`${directory}/d.plasmite`))
          assert.strictEqual(error.reason, "Io")
          assert.include(error.message, "directory")
          const creating = storage.create(`${directory}/d.plasmite`, { byteLength, header })
          assert.strictEqual(yield* reasonOf(creating), "AlreadyExists")
        }))

      test("a file where a directory should be is Io", (storage, directory) =>
        Effect.gen(function* () {
          const inTheWay = `${directory}/a.plasmite`
          yield* storage.create(inTheWay, { byteLength, header })
          for (const path of [`${inTheWay}/b.plasmite`, `${inTheWay}/c/b.plasmite`]) {
            assert.strictEqual(yield* reasonOf(storage.create(path, { byteLength, header })), "Io")
            assert.strictEqual(yield* reasonOf(storage.open(path)), "Io")
          }
          assert.strictEqual(yield* reasonOf(storage.list(inTheWay)), "Io")
        }))

      test("a file that may only be read opens for reading", (storage, directory) =>
        Effect.gen(function* () {
          const path = `${directory}/a.plasmite`
          yield* storage.create(path, { byteLength, header })
          yield* tools.readingOnly(
            path,
            Effect.gen(function* () {
              const file = yield* storage.open(path)
              assert.isFalse(file.writable)
              assert.isTrue(file.isCurrent())
              assert.deepStrictEqual(bytesOf(file, 0, 4096), header)
              const writes = [
                () => file.write(0, header, 0, 8),
                () => file.store32(0, 1),
                () => file.store64(0, 1, 1),
                () => file.publish(0, header, 0, 8)
              ]
              for (const write of writes) assert.propertyVal(thrownBy(write), "_tag", "PoolError")
              assert.deepStrictEqual(bytesOf(file, 0, 4096), header)
            })
          )
        }))

      test("using a file after its scope is a defect, and writes nothing", (storage, directory) =>
        Effect.gen(function* () {
          const path = `${directory}/a.plasmite`
          yield* storage.create(path, { byteLength, header })
          const file = yield* Effect.scoped(storage.open(path))
          for (const use of uses(file)) assertInvariant(use)
          assert.deepStrictEqual(bytesOf(yield* storage.open(path), 0, 4096), header)
        }))

      test("one handle closes, the others go on", (storage, directory) =>
        Effect.gen(function* () {
          const path = `${directory}/a.plasmite`
          yield* storage.create(path, { byteLength, header })
          const firstScope = yield* Scope.make()
          yield* Scope.extend(storage.open(path), firstScope)
          const file = yield* storage.open(path)
          yield* Scope.close(firstScope, Exit.void)
          file.store32(8192, 77)
          assert.deepStrictEqual(bytesOf(file, 0, 4096), header)
          assert.deepStrictEqual(bytesOf(file, 8192, 4), Uint8Array.of(77, 0, 0, 0))
          assert.deepStrictEqual(bytesOf(yield* storage.open(path), 8192, 4), Uint8Array.of(77, 0, 0, 0))
        }))
    })

    describe("reading and writing", () => {
      test("any sequence of stores reads back as in a plain array, through every handle", (storage, directory) =>
        Effect.gen(function* () {
          const path = `${directory}/a.plasmite`
          yield* storage.create(path, { byteLength, header })
          const writer = yield* storage.open(path)
          const reader = yield* storage.open(path)
          const model = bytesOf(writer)
          FastCheck.assert(
            FastCheck.property(FastCheck.array(anyStore, { maxLength: 30 }), (stores) => {
              for (const store of stores) {
                apply(writer, store)
                applyToModel(model, store)
                const from = Math.max(0, store.offset - 3)
                const length = Math.min(store.length + 9, byteLength - from)
                const target = new Uint8Array(length + store.sourceStart).fill(0xee)
                reader.read(from, target, store.sourceStart, length)
                assert.deepStrictEqual(target.subarray(store.sourceStart), model.slice(from, from + length))
                assert.isTrue(target.subarray(0, store.sourceStart).every((byte) => byte === 0xee))
              }
            }),
            { seed: 20_250_615, numRuns: 60 }
          )
          assert.deepStrictEqual(bytesOf(reader), model)
          assert.deepStrictEqual(bytesOf(yield* storage.open(path)), model)
        }))

      test("words are little-endian, up to the largest", (storage, directory) =>
        Effect.gen(function* () {
          const path = `${directory}/a.plasmite`
          yield* storage.create(path, { byteLength, header })
          const file = yield* storage.open(path)
          file.store32(8192, 0x0403_0201)
          file.store32(8196, 0xffff_fffe)
          file.store64(8200, 0x8403_0201, 0xf807_0605)
          const expected = [1, 2, 3, 4, 0xfe, 0xff, 0xff, 0xff, 1, 2, 3, 0x84, 5, 6, 7, 0xf8]
          assert.deepStrictEqual(bytesOf(file, 8192, 16), Uint8Array.from(expected))
        }))

      test("a range that is not in the file, in one sector, or aligned is a defect and stores nothing", (storage, directory) =>
        Effect.gen(function* () {
          const path = `${directory}/a.plasmite`
          yield* storage.create(path, { byteLength, header })
          const file = yield* storage.open(path)
          const before = bytesOf(file)
          assertInvariant(() => file.read(byteLength - 3, new Uint8Array(4), 0, 4))
          assertInvariant(() => file.read(-4, new Uint8Array(4), 0, 4))
          assertInvariant(() => file.read(0, new Uint8Array(100), 0, 101))
          assertInvariant(() => file.read(0, new Uint8Array(8), 4, 8))
          assertInvariant(() => file.write(byteLength - 3, header, 0, 4))
          assertInvariant(() => file.store32(byteLength, 1))
          assertInvariant(() => file.store32(4098, 1))
          assertInvariant(() => file.store64(4100, 1, 1))
          assertInvariant(() => file.publish(508, header, 0, 8))
          assert.deepStrictEqual(bytesOf(file), before)
          assert.strictEqual((yield* storage.open(path)).byteLength, byteLength)
        }))

      test("syncing any range returns, and changes nothing", (storage, directory) =>
        Effect.gen(function* () {
          const path = `${directory}/a.plasmite`
          yield* storage.create(path, { byteLength, header })
          const file = yield* storage.open(path)
          file.write(5000, header, 0, 3000)
          const before = bytesOf(file)
          file.sync(0, 4096)
          file.sync(5001, 2999)
          file.sync(byteLength - 1, 1)
          assert.deepStrictEqual(bytesOf(file), before)
        }))
    })

    describe("copy", () => {
      const copied = (directory: string) => `${directory}/a.plasmite.backup-1`

      test("has the same bytes, is a file of its own, and is not listed", (storage, directory) =>
        Effect.gen(function* () {
          for (const length of [0, 1, 4097, (1 << 20) + 7]) {
            const path = `${directory}/${length}.plasmite`
            const bytes = Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 12)) & 0xff)
            yield* storage.create(path, { byteLength: length, header: bytes })
            yield* storage.copy(path, `${path}.copy`)
            const copy = yield* storage.open(`${path}.copy`)
            assert.strictEqual(copy.byteLength, length)
            assert.isTrue(Buffer.from(bytesOf(copy)).equals(bytes))
            if (length === 0) continue
            const original = yield* storage.open(path)
            original.write(0, Uint8Array.of(bytes[0]! ^ 0xff), 0, 1)
            assert.deepStrictEqual(bytesOf(copy, 0, 1), bytes.slice(0, 1))
          }
          assert.strictEqual((yield* storage.list(directory)).length, 4)
        }))

      test("holds what an open file was last told", (storage, directory) =>
        Effect.gen(function* () {
          const path = `${directory}/a.plasmite`
          yield* storage.create(path, { byteLength, header })
          const file = yield* storage.open(path)
          file.write(5000, header, 0, 3000)
          file.store32(8192, 77)
          file.publish(512, header, 0, 40)
          yield* storage.copy(path, copied(directory))
          assert.deepStrictEqual(bytesOf(yield* storage.open(copied(directory))), bytesOf(file))
        }))

      test("never replaces anything", (storage, directory) =>
        Effect.gen(function* () {
          const path = `${directory}/a.plasmite`
          yield* storage.create(path, { byteLength, header })
          yield* storage.create(copied(directory), { byteLength: 8, header: Uint8Array.of(1, 2, 3) })
          const error = yield* Effect.flip(storage.copy(path, copied(directory)))
          assert.deepStrictEqual([error.reason, error.path], ["AlreadyExists", copied(directory)])
          assert.strictEqual((yield* storage.open(copied(directory))).byteLength, 8)
          assert.strictEqual(yield* reasonOf(storage.copy(path, path)), "AlreadyExists")
        }))

      test("of nothing is NotFound, below a file Io", (storage, directory) =>
        Effect.gen(function* () {
          const path = `${directory}/a.plasmite`
          const error = yield* Effect.flip(storage.copy(path, copied(directory)))
          assert.deepStrictEqual([error.reason, error.path], ["NotFound", path])
          assert.strictEqual(yield* reasonOf(storage.open(copied(directory))), "NotFound")
          yield* storage.create(path, { byteLength, header })
          assert.strictEqual(yield* reasonOf(storage.copy(path, `${path}/b`)), "Io")
        }))
    })

    describe("remove and replace", () => {
      test("a removed file is gone for the path, and there for its handles", (storage, directory) =>
        Effect.gen(function* () {
          const path = `${directory}/a.plasmite`
          yield* storage.create(path, { byteLength, header })
          const old = yield* storage.open(path)
          yield* storage.remove(path)
          assert.isFalse(old.isCurrent())
          assert.strictEqual(yield* reasonOf(storage.open(path)), "NotFound")
          assert.strictEqual(yield* reasonOf(storage.remove(path)), "NotFound")
          old.store32(0, 5)
          assert.deepStrictEqual(bytesOf(old, 0, 4), Uint8Array.of(5, 0, 0, 0))

          yield* storage.create(path, { byteLength, header })
          const fresh = yield* storage.open(path)
          assert.isTrue(fresh.isCurrent())
          assert.isFalse(old.isCurrent())
          assert.deepStrictEqual(bytesOf(fresh, 0, 4), header.slice(0, 4))
          assert.deepStrictEqual(bytesOf(old, 0, 4), Uint8Array.of(5, 0, 0, 0))
        }))

      test("a directory is not removed", (storage, directory) =>
        Effect.gen(function* () {
          yield* storage.create(`${directory}/d.plasmite/inner.plasmite`, { byteLength, header })
          assert.strictEqual(yield* reasonOf(storage.remove(`${directory}/d.plasmite`)), "Io")
          assert.strictEqual((yield* storage.list(`${directory}/d.plasmite`)).length, 1)
        }))
    })

    describe("list", () => {
      test("pools of the directory itself, by the bytes of their names", (storage, directory) =>
        Effect.gen(function* () {
          const names = ["b", "a", "Z", "10", "9", "a.b", "ä", "\u{10000}", "\uFF5E"]
          for (const name of names) yield* storage.create(`${directory}/${name}.plasmite`, { byteLength, header })
          for (const other of [
            "notes.txt",
            "plasmite",
            ".plasmite",
            "a.plasmite.bak",
            "a.PLASMITE",
            "sub/c.plasmite"
          ]) {
            yield* storage.create(`${directory}/${other}`, { byteLength, header })
          }
          const entries = yield* storage.list(directory)
          const sorted = ["10", "9", "Z", "a", "a.b", "b", "ä", "\uFF5E", "\u{10000}"]
          assert.deepStrictEqual(
            entries.map((entry) => entry.name),
            sorted
          )
          for (const entry of entries) {
            assert.strictEqual(entry.path, `${directory}/${entry.name}.plasmite`)
            assert.strictEqual(entry.byteLength, byteLength)
            assert.isBelow(Math.abs(Date.now() - entry.modifiedMillis), 60_000)
          }
        }))

      test("a missing directory has none", (storage, directory) =>
        Effect.gen(function* () {
          assert.deepStrictEqual(yield* storage.list(`${directory}/missing`), [])
        }))

      test("an unfinished creation is not listed", (storage, directory) =>
        Effect.gen(function* () {
          const path = `${directory}/a.plasmite`
          yield* storage.create(path, { byteLength, header })
          yield* reasonOf(storage.create(path, { byteLength, header }))
          assert.strictEqual((yield* storage.list(directory)).length, 1)
        }))
    })
  })
}

const uses = (file: PoolFile): ReadonlyArray<() => void> => [
  () => file.read(0, new Uint8Array(4), 0, 4),
  () => file.read(0, new Uint8Array(4096), 0, 4096),
  () => file.write(0, new Uint8Array(4), 0, 4),
  () => file.store32(0, 1),
  () => file.store64(0, 1, 1),
  () => file.publish(0, new Uint8Array(4), 0, 4)
]

interface Store {
  readonly kind: "write" | "publish" | "store32" | "store64"
  readonly offset: number
  readonly length: number
  readonly source: Uint8Array
  readonly sourceStart: number
}

/** Short and long, aligned and not, from the start of their source and from its middle, at the ends of the file. */
const anyStore: FastCheck.Arbitrary<Store> = FastCheck.record({
  kind: FastCheck.constantFrom(
    "write" as const,
    "write" as const,
    "publish" as const,
    "store32" as const,
    "store64" as const
  ),
  place: FastCheck.integer({ min: 0, max: byteLength }),
  aligned: FastCheck.boolean(),
  length: FastCheck.oneof(FastCheck.integer({ min: 0, max: 80 }), FastCheck.integer({ min: 0, max: 3000 })),
  sourceStart: FastCheck.integer({ min: 0, max: 9 }),
  fill: FastCheck.integer({ min: 1, max: 255 })
}).map(({ aligned, fill, kind, length: wantedLength, place, sourceStart }) => {
  const wordLength = kind === "store32" ? 4 : kind === "store64" ? 8 : undefined
  const roughLength = wordLength ?? (kind === "publish" ? Math.min(wantedLength, 64) : wantedLength)
  const length = aligned && wordLength === undefined ? roughLength & ~3 : roughLength
  const last = byteLength - length
  let offset = Math.min(place, last)
  if (aligned || wordLength !== undefined) offset -= offset % (wordLength ?? 4)
  if (kind === "publish") offset = Math.min(offset - (offset % 512), byteLength - 512)
  const source = Uint8Array.from({ length: sourceStart + length }, (_, index) => (index * fill + fill) & 0xff)
  return { kind, offset, length, source, sourceStart }
})

const apply = (file: PoolFile, store: Store): void => {
  const { kind, length, offset, source, sourceStart } = store
  const words = new DataView(source.buffer)
  if (kind === "write") file.write(offset, source, sourceStart, length)
  if (kind === "publish") file.publish(offset, source, sourceStart, length)
  if (kind === "store32") file.store32(offset, words.getUint32(sourceStart, true))
  if (kind === "store64") {
    file.store64(offset, words.getUint32(sourceStart, true), words.getUint32(sourceStart + 4, true))
  }
}

const applyToModel = (model: Uint8Array, { length, offset, source, sourceStart }: Store): void =>
  model.set(source.subarray(sourceStart, sourceStart + length), offset)
