/**
 * What only real disks have: permissions, links, devices in the way, full disks, creators that are killed. Run over
 * both layers that keep pools on disk.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import type * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as ChildProcess from "node:child_process"
import * as FileSystem from "node:fs"
import * as Path from "node:path"
import { createPoolFile } from "../../layers/createPoolFile.js"
import * as FilePoolStorage from "../../layers/FilePoolStorage.js"
import { MappedFile } from "../../layers/mappedFile.js"
import * as MmapPoolStorage from "../../layers/MmapPoolStorage.js"
import type { PoolError } from "../../src/PoolError.js"
import { PoolStorage } from "../../src/PoolStorage.js"
import { startChild } from "./childProcess.js"
import { newDirectory, openCounts, unprivileged } from "./machine.js"

const byteLength = 65536
const header = Uint8Array.from({ length: 4096 }, (_, index) => (index * 5 + 3) & 0xff)
const newFile = { byteLength, header }
const unfinished = /^\..*\.plasmite-new-\d+-\d+$/

const reasonOf = <A, R>(effect: Effect.Effect<A, PoolError, R>): Effect.Effect<string, never, R> =>
  Effect.map(Effect.either(effect), (result) => (Either.isLeft(result) ? result.left.reason : "no failure"))

const modeOf = (path: string): number => FileSystem.statSync(path).mode & 0o777

const isWhole = (path: string): boolean => {
  const bytes = FileSystem.readFileSync(path)
  return bytes.length === byteLength && bytes.subarray(0, 4).toString() === "PLSM"
}

const suite = (name: "file" | "mmap", layer: Layer.Layer<PoolStorage>): void => {
  const test = (
    title: string,
    body: (storage: PoolStorage["Type"], directory: string) => Effect.Effect<void, unknown, Scope.Scope>
  ): void => {
    it.scopedLive(title, () =>
      Effect.gen(function* () {
        yield* body(yield* PoolStorage, yield* newDirectory)
      }).pipe(Effect.provide(layer))
    )
  }

  describe(`pool files on disk: ${name}`, () => {
    test("all blocks are there, the rights follow the umask, and no other name is left", (storage, directory) =>
      Effect.gen(function* () {
        const path = `${directory}/a.plasmite`
        const before = process.umask(0o027)
        yield* Effect.ensuring(
          storage.create(path, newFile),
          Effect.sync(() => process.umask(before))
        )
        const status = FileSystem.statSync(path)
        assert.strictEqual(modeOf(path), 0o640)
        assert.isAtLeast(status.blocks * 512, byteLength)
        assert.strictEqual(status.nlink, 1)
        assert.deepStrictEqual(FileSystem.readdirSync(directory), ["a.plasmite"])
      }))

    test("a directory that refuses is Permission, and Io for removing", (storage, directory) =>
      Effect.gen(function* () {
        const path = `${directory}/a.plasmite`
        yield* storage.create(path, newFile)
        FileSystem.chmodSync(directory, 0o555)
        const error = yield* Effect.flip(unprivileged(storage.create(`${directory}/b.plasmite`, newFile)))
        assert.strictEqual(error.reason, "Permission")
        assert.isNotEmpty(error.hint)
        assert.strictEqual(
          yield* reasonOf(unprivileged(storage.create(`${directory}/new/b.plasmite`, newFile))),
          "Permission"
        )
        assert.strictEqual(yield* reasonOf(unprivileged(storage.remove(path))), "Io")
        FileSystem.chmodSync(path, 0)
        assert.strictEqual(yield* reasonOf(unprivileged(storage.open(path))), "Permission")
        FileSystem.chmodSync(directory, 0)
        assert.strictEqual(yield* reasonOf(unprivileged(storage.list(directory))), "Permission")
        assert.strictEqual(yield* reasonOf(unprivileged(storage.open(path))), "Permission")
        FileSystem.chmodSync(directory, 0o755)
        assert.deepStrictEqual(FileSystem.readdirSync(directory), ["a.plasmite"])
      }))

    test("a directory that cannot be listed can have new pools", (storage, directory) =>
      Effect.gen(function* () {
        FileSystem.chmodSync(directory, 0o333)
        const path = `${directory}/a.plasmite`
        const file = yield* unprivileged(Effect.zipRight(storage.create(path, newFile), storage.open(path)))
        assert.isTrue(file.writable)
        FileSystem.chmodSync(directory, 0o755)
      }))

    test("names and paths no system takes", (storage, directory) =>
      Effect.gen(function* () {
        const tooLong = `${directory}/${"n".repeat(300)}.plasmite`
        assert.strictEqual(yield* reasonOf(storage.open(tooLong)), "Io")
        assert.strictEqual(yield* reasonOf(storage.create(tooLong, newFile)), "Io")
        assert.strictEqual(yield* reasonOf(storage.open(`${directory}/a\0b.plasmite`)), "Usage")
        assert.strictEqual(yield* reasonOf(storage.create(`${directory}/a\0b.plasmite`, newFile)), "Usage")
        FileSystem.symlinkSync("loop.plasmite", `${directory}/loop.plasmite`)
        assert.strictEqual(yield* reasonOf(storage.open(`${directory}/loop.plasmite`)), "Io")
        const longest = `${directory}/${"n".repeat(246)}.plasmite`
        yield* storage.create(longest, newFile)
        assert.strictEqual((yield* storage.open(longest)).byteLength, byteLength)
      }))

    test("a directory where there can be none is refused, at once", (storage) =>
      Effect.gen(function* () {
        // `/proc` says that a new directory's parent is not there.
        assert.oneOf(yield* reasonOf(storage.create("/proc/none/pools/a.plasmite", newFile)), [
          "NotFound",
          "Permission",
          "Io"
        ])
      }))

    test("a pipe in the way is Corrupt, at once", (storage, directory) =>
      Effect.gen(function* () {
        const path = `${directory}/pipe.plasmite`
        ChildProcess.execFileSync("mkfifo", [path])
        assert.strictEqual(yield* reasonOf(storage.open(path)), "Corrupt")
      }))

    test("symbolic links lead to the pool; a dangling one is in the way of a new one", (storage, directory) =>
      Effect.gen(function* () {
        yield* storage.create(`${directory}/a.plasmite`, newFile)
        FileSystem.symlinkSync("a.plasmite", `${directory}/link.plasmite`)
        const file = yield* storage.open(`${directory}/link.plasmite`)
        assert.isTrue(file.isCurrent())
        FileSystem.symlinkSync("nowhere", `${directory}/dangling.plasmite`)
        assert.strictEqual(yield* reasonOf(storage.create(`${directory}/dangling.plasmite`, newFile)), "AlreadyExists")
        const listed = yield* storage.list(directory)
        assert.deepStrictEqual(
          listed.map((entry) => entry.name),
          ["a", "dangling", "link"]
        )
        yield* storage.remove(`${directory}/a.plasmite`)
        assert.isFalse(file.isCurrent())
      }))

    test("an open file is found again when the program changes its directory", (storage, directory) =>
      Effect.gen(function* () {
        const before = process.cwd()
        process.chdir(directory)
        yield* Effect.gen(function* () {
          yield* storage.create("a.plasmite", newFile)
          const file = yield* storage.open("a.plasmite")
          process.chdir("/")
          assert.isTrue(file.isCurrent())
        }).pipe(Effect.ensuring(Effect.sync(() => process.chdir(before))))
      }))

    test("closing gives back every descriptor and every map", (storage, directory) =>
      Effect.gen(function* () {
        const path = `${directory}/a.plasmite`
        yield* storage.create(path, newFile)
        const scope = yield* Scope.make()
        const files = yield* Scope.extend(
          Effect.all([storage.open(path), storage.open(path), storage.open(path)]),
          scope
        )
        for (const file of files) file.store32(0, 1)
        assert.deepStrictEqual(openCounts(path), { descriptors: 3, maps: name === "mmap" ? 1 : 0 })
        yield* Scope.close(scope, Exit.void)
        assert.deepStrictEqual(openCounts(path), { descriptors: 0, maps: 0 })
      }))

    test("a pool larger than the system allows leaves nothing behind", (_, directory) =>
      Effect.gen(function* () {
        const path = `${directory}/a.plasmite`
        const child = yield* startChild("create", [path, 1 << 20], { storage: name, fileLimitBytes: 512 * 1024 })
        assert.match(
          yield* child.nextLine,
          /^Io: cannot create .*a\.plasmite: the file is larger than the system allows$/
        )
        assert.strictEqual(yield* child.ended, 0)
        assert.deepStrictEqual(FileSystem.readdirSync(directory), [])
      }))

    test("creators killed at any moment leave whole pools, and what they leave besides is removed", (storage, directory) =>
      Effect.gen(function* () {
        for (const delayMillis of [0, 1, 2, 3, 5, 8, 13, 21]) {
          const child = yield* startChild("createMany", [directory, byteLength], { storage: name })
          assert.strictEqual(yield* child.nextLine, "started")
          yield* Effect.sleep(delayMillis)
          yield* child.kill
        }
        const names = FileSystem.readdirSync(directory)
        const pools = names.filter((entry) => entry.endsWith(".plasmite"))
        const leftBehind = names.filter((entry) => unfinished.test(entry))
        assert.strictEqual(pools.length + leftBehind.length, names.length)
        assert.isTrue(pools.every((entry) => isWhole(Path.join(directory, entry))))
        assert.strictEqual((yield* storage.list(directory)).length, pools.length)
      }))

    test("a creator killed half way leaves no pool, and nothing that is listed", (storage, directory) =>
      Effect.gen(function* () {
        const slow = { storage: name, native: false }
        const child = yield* startChild("createMany", [directory, 1 << 30], slow)
        assert.strictEqual(yield* child.nextLine, "started")
        yield* Effect.repeat(Effect.sleep("2 millis"), { until: () => FileSystem.readdirSync(directory).length > 0 })
        yield* child.kill
        const names = FileSystem.readdirSync(directory)
        assert.strictEqual(names.length, 1)
        assert.match(names[0]!, unfinished)
        assert.deepStrictEqual(yield* storage.list(directory), [])
      }))

    test("a minute after its creator died, an unfinished pool is removed by the next creator", (storage, directory) =>
      Effect.gen(function* () {
        const abandoned = [".a.plasmite-new-1-1", ".b.plasmite-new-4000000-2"]
        const others = [".c.plasmite-new-1-1", "a.plasmite-new-1-1", ".d.plasmite-new-x", "notes.txt"]
        for (const entry of [...abandoned, ...others]) FileSystem.writeFileSync(`${directory}/${entry}`, "")
        const seconds = Date.now() / 1000
        for (const entry of [...abandoned, ...others.slice(1)]) {
          FileSystem.utimesSync(`${directory}/${entry}`, seconds - 61, seconds - 61)
        }
        yield* storage.create(`${directory}/a.plasmite`, newFile)
        assert.deepStrictEqual(FileSystem.readdirSync(directory).sort(), [...others, "a.plasmite"].sort())
      }))
  })
}

suite("mmap", MmapPoolStorage.layer)
suite("file", FilePoolStorage.layer)

describe("files that others have changed or made", () => {
  it.scopedLive("a file that became shorter says so instead of reading zeroes", () =>
    Effect.gen(function* () {
      const storage = yield* PoolStorage
      const directory = yield* newDirectory
      const path = `${directory}/a.plasmite`
      yield* storage.create(path, newFile)
      const file = yield* storage.open(path)
      FileSystem.truncateSync(path, 8192)
      const error = yield* Effect.flip(
        Effect.try({
          try: () => file.read(8000, new Uint8Array(400), 0, 400),
          catch: (exception) => exception as PoolError
        })
      )
      assert.strictEqual(error.reason, "Io")
    }).pipe(Effect.provide(FilePoolStorage.layer))
  )

  it.scopedLive("a file with holes gets its blocks before it is written to, and keeps its bytes", () =>
    Effect.gen(function* () {
      const storage = yield* PoolStorage
      const directory = yield* newDirectory
      const path = `${directory}/sparse.plasmite`
      FileSystem.writeFileSync(path, header)
      FileSystem.truncateSync(path, byteLength * 16)
      const file = yield* storage.open(path)
      file.store32(500_000, 1)
      const bytes = new Uint8Array(4096)
      file.read(0, bytes, 0, 4096)
      assert.deepStrictEqual(bytes, header)
      const status = FileSystem.statSync(path)
      assert.strictEqual(status.size, byteLength * 16)
      assert.isAtLeast(status.blocks * 512, status.size)
    }).pipe(Effect.provide(MmapPoolStorage.layer))
  )
})

describe("maps", () => {
  it.scoped("a pool of exactly 2 GiB is mapped, a larger one is read by position", () =>
    Effect.gen(function* () {
      const directory = yield* newDirectory
      const open = (name: string, byteLength: number) =>
        Effect.gen(function* () {
          const path = `${directory}/${name}.plasmite`
          // Nothing but the end is there: the test needs no disk.
          FileSystem.writeFileSync(path, "")
          FileSystem.truncateSync(path, byteLength)
          const descriptor = FileSystem.openSync(path, "r+")
          FileSystem.writeSync(descriptor, new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]), 0, 8, byteLength - 8)
          FileSystem.closeSync(descriptor)
          const file = yield* (yield* PoolStorage).open(path)
          for (const length of [4, 8]) {
            const bytes = new Uint8Array(length)
            file.read(byteLength - length, bytes, 0, length)
            assert.deepStrictEqual([...bytes], [1, 2, 3, 4, 5, 6, 7, 8].slice(8 - length))
          }
          return file
        })
      assert.instanceOf(yield* open("largest", 2 ** 31), MappedFile)
      assert.notInstanceOf(yield* open("larger", 2 ** 31 + 8), MappedFile)
    }).pipe(Effect.provide(MmapPoolStorage.layer))
  )

  it.scopedLive("a pool opened and closed a thousand times does not use up the addresses", () =>
    Effect.gen(function* () {
      const path = `${yield* newDirectory}/a.plasmite`
      yield* (yield* PoolStorage).create(path, { byteLength: 1 << 24, header })
      const child = yield* startChild("reopen", [path, 1000])
      assert.isBelow(Number(yield* child.nextLine), 8000)
    }).pipe(Effect.provide(MmapPoolStorage.layer))
  )
})

describe("creating where names cannot be linked", () => {
  const refuseLink = (code: string) => () => {
    throw Object.assign(new Error(`${code}: link`), { code, errno: -1 })
  }

  it.scopedLive("the pool is created in place", () =>
    Effect.gen(function* () {
      const directory = yield* newDirectory
      for (const code of ["EPERM", "EOPNOTSUPP", "ENOTSUP"]) {
        const path = `${directory}/${code}.plasmite`
        yield* createPoolFile(path, newFile, { durable: true, link: refuseLink(code) })
        assert.deepStrictEqual(FileSystem.readFileSync(path).subarray(0, 4096), Buffer.from(header))
        assert.strictEqual(FileSystem.statSync(path).size, byteLength)
        assert.isAtLeast(FileSystem.statSync(path).blocks * 512, byteLength)
      }
      assert.strictEqual(FileSystem.readdirSync(directory).length, 3)
    })
  )

  it.scopedLive("a pool that came first wins, and is untouched", () =>
    Effect.gen(function* () {
      const directory = yield* newDirectory
      const path = `${directory}/a.plasmite`
      const link = () => {
        FileSystem.writeFileSync(path, "theirs")
        refuseLink("EPERM")()
      }
      assert.strictEqual(yield* reasonOf(createPoolFile(path, newFile, { link })), "AlreadyExists")
      assert.strictEqual(FileSystem.readFileSync(path, "utf8"), "theirs")
      assert.deepStrictEqual(FileSystem.readdirSync(directory), ["a.plasmite"])
    })
  )

  it.scopedLive("a pool that cannot be finished in place is taken away again", () =>
    Effect.gen(function* () {
      const directory = yield* newDirectory
      let headersTaken = 0
      const file = {
        byteLength,
        get header(): Uint8Array {
          if (++headersTaken > 1) throw Object.assign(new Error("EIO: write"), { code: "EIO", errno: -5 })
          return header
        }
      }
      const create = createPoolFile(`${directory}/a.plasmite`, file, { link: refuseLink("EPERM") })
      assert.strictEqual(yield* reasonOf(create), "Io")
      assert.strictEqual(headersTaken, 2)
      assert.deepStrictEqual(FileSystem.readdirSync(directory), [])
    })
  )

  it.scopedLive("any other refusal fails, and leaves nothing", () =>
    Effect.gen(function* () {
      const directory = yield* newDirectory
      const create = createPoolFile(`${directory}/a.plasmite`, newFile, { link: refuseLink("ENOSPC") })
      assert.strictEqual(yield* reasonOf(create), "Io")
      assert.deepStrictEqual(FileSystem.readdirSync(directory), [])
    })
  )
})

describe("without the native calls", () => {
  it.scopedLive("pools are created, read and written by position; a lock says what is missing", () =>
    Effect.gen(function* () {
      const directory = yield* newDirectory
      const child = yield* startChild("withoutNative", [`${directory}/a.plasmite`], { native: false })
      assert.strictEqual(yield* child.nextLine, "stored 7")
      assert.strictEqual(yield* child.nextLine, "announced")
      assert.match(
        yield* child.nextLine,
        /^Internal: cannot lock .*a\.plasmite: the native calls \(koffi\) did not load/
      )
      assert.strictEqual(yield* child.ended, 0)
      const status = FileSystem.statSync(`${directory}/a.plasmite`)
      assert.strictEqual(status.size, 8192)
      assert.isAtLeast(status.blocks * 512, 8192)
    })
  )
})
