/**
 * The cursors of a pool file, each in a file of its own in a directory beside the pool. Holding one is holding the lock
 * of its file, which the system frees when its holder dies.
 */
import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Durability } from "../Durability.js"
import { isPoolError, PoolError } from "../PoolError.js"
import type { ListedCursor, OpenCursor, PoolCursors } from "../PoolCursors.js"
import type { PoolLock } from "../PoolLock.js"
import type { PoolFile, PoolStorage } from "../PoolStorage.js"
import { neverCommitted, newCursorFile, readCursor, recordBytes, writeCursor } from "./cursorFile.js"
import { attempt, holdLock } from "./withLock.js"

export interface CursorServices {
  readonly storage: Context.Tag.Service<PoolStorage>
  readonly locks: Context.Tag.Service<PoolLock>
  readonly durability: Context.Tag.Service<Durability>
}

const extension = ".cursor"

/** A consumer holds its cursor for as long as it runs; only those that look, or remove, are gone in a moment. */
const patienceMillis = 100

/** Beside the pool, with a name that no listing takes for one. */
export const cursorDirectory = (poolPath: string): string => `${poolPath}.cursors`

export const makeLocalCursors = (services: CursorServices, pool: string, poolPath: string): PoolCursors => {
  const { durability, locks, storage } = services
  const directory = cursorDirectory(poolPath)

  const pathOf = (name: string): Effect.Effect<string, PoolError> => {
    const problem = nameProblem(name)
    return problem === undefined ? Effect.succeed(`${directory}/${name}${extension}`) : Effect.fail(problem)
  }

  /** On disk from the start, so that a power cut leaves a cursor or none. */
  const ensured = (path: string): Effect.Effect<void, PoolError> =>
    Effect.catchIf(
      storage.create(path, newCursorFile(), { durable: true }),
      (error) => error.reason === "AlreadyExists",
      () => Effect.void
    )

  const held = (name: string, path: string): Effect.Effect<void, PoolError, Scope.Scope> =>
    Effect.flatMap(locks.open(path), (lock) =>
      Effect.mapError(holdLock({ lock, path, timeoutMillis: patienceMillis }, "exclusive"), (error) =>
        error.reason === "Busy" ? inUse(name, pool, path) : error
      )
    )

  /** The file whose lock we got may have been removed in the meantime: then there is another, or none. */
  const opened = (name: string, path: string): Effect.Effect<PoolFile, PoolError, Scope.Scope> =>
    Effect.gen(function* () {
      const file = yield* Effect.catchIf(
        storage.open(path),
        (error) => error.reason === "NotFound",
        () => Effect.zipRight(ensured(path), storage.open(path))
      )
      yield* held(name, path)
      return file.isCurrent() ? file : yield* opened(name, path)
    })

  const open = (name: string): Effect.Effect<OpenCursor, PoolError, Scope.Scope> =>
    Effect.gen(function* () {
      const path = yield* pathOf(name)
      const file = yield* opened(name, path)
      if (!file.writable) return yield* readOnly(name, path)
      let state = yield* attempt(() => readCursor(file, name))
      let closed = false
      yield* Effect.addFinalizer(() => Effect.sync(() => void (closed = true)))
      const explain = (error: unknown): unknown => (closed && !isPoolError(error) ? closedCursor(name, path) : error)
      return {
        name,
        state: () => state,
        commit: (position, mode, holder = "") =>
          Effect.flatMap(durability.barrier(mode), (barrier) =>
            Effect.flatMap(Clock.currentTimeMillis, (now) =>
              attempt(
                () => {
                  const written = writeCursor(file, state, position, now, holder)
                  state = written.state
                  barrier?.(file, written.offset, recordBytes)
                },
                { explain }
              )
            )
          )
      }
    })

  const listed = (name: string, path: string): Effect.Effect<ReadonlyArray<ListedCursor>, PoolError> =>
    Effect.scoped(
      Effect.flatMap((storage.openToLook ?? storage.open)(path), (file) =>
        attempt((): ListedCursor => ({ name, ...readCursor(file, name) }))
      )
    ).pipe(
      Effect.map((cursor) => (cursor.generation === 0 ? [] : [cursor])),
      Effect.catchAll((error) => Effect.succeed(error.reason === "NotFound" ? [] : [unreadable(name, error)]))
    )

  const list = Effect.flatMap(storage.list(directory, extension), (entries) =>
    Effect.map(
      Effect.forEach(entries, (entry) => listed(entry.name, entry.path)),
      (cursors) => cursors.flat()
    )
  )

  const noSuchCursor = (name: string, path: string): Effect.Effect<never, PoolError> =>
    Effect.flatMap(list, (cursors) =>
      Effect.fail(
        new PoolError({
          reason: "NotFound",
          message: `pool ${pool} has no cursor ${name}`,
          hint: cursors.length === 0 ? "It has none." : `It has ${cursors.map((cursor) => cursor.name).join(", ")}.`,
          path
        })
      )
    )

  const named = <A>(name: string, use: (path: string) => Effect.Effect<A, PoolError>): Effect.Effect<A, PoolError> =>
    Effect.flatMap(pathOf(name), (path) =>
      Effect.catchIf(
        use(path),
        (error) => error.reason === "NotFound",
        () => noSuchCursor(name, path)
      )
    )

  return {
    open,
    get: (name) =>
      named(name, (path) =>
        Effect.scoped(
          Effect.flatMap(storage.open(path), (file) =>
            Effect.flatMap(
              attempt(() => readCursor(file, name)),
              (state) => (state.generation === 0 ? noSuchCursor(name, path) : Effect.succeed(state))
            )
          )
        )
      ),
    list,
    remove: (name) => named(name, (path) => Effect.scoped(Effect.zipRight(held(name, path), storage.remove(path))))
  }
}

/** The cursors of a pool that was removed go with it, held or not. */
export const removeCursors = (
  storage: Context.Tag.Service<PoolStorage>,
  poolPath: string
): Effect.Effect<void, PoolError> =>
  Effect.gen(function* () {
    const directory = cursorDirectory(poolPath)
    for (const { path } of yield* storage.list(directory, extension)) {
      yield* Effect.catchIf(
        storage.remove(path),
        (error) => error.reason === "NotFound",
        () => Effect.void
      )
    }
    yield* storage.removeEmptyDirectory(directory)
  })

const nameProblem = (name: string): PoolError | undefined => {
  const refused = (message: string): PoolError =>
    new PoolError({ reason: "Usage", message, hint: "Use a plain name such as `billing`." })
  if (name === "") return refused("the cursor name is empty")
  if (name.includes("/") || name.includes("\0"))
    return refused(`cursor name ${JSON.stringify(name)} contains a separator`)
  return undefined
}

const unreadable = (name: string, error: PoolError): ListedCursor => ({
  name,
  ...neverCommitted,
  problem: error.message
})

const readOnly = (name: string, path: string): PoolError =>
  new PoolError({
    reason: "Permission",
    message: `no permission to write to ${path}: cursor ${name} cannot be moved`,
    hint: "Check the file's owner and mode.",
    path
  })

const closedCursor = (name: string, path: string): PoolError =>
  new PoolError({
    reason: "Usage",
    message: `cursor ${name} is closed: the scope that it was opened in has ended`,
    hint: "Commit inside of the `Effect.scoped` or layer that opens the consumer.",
    path
  })

const inUse = (name: string, pool: string, path: string): PoolError =>
  new PoolError({
    reason: "Busy",
    message: `cursor ${name} of pool ${pool} is in use by another consumer`,
    hint: "One consumer of a name runs at a time: end the other one, or choose another name.",
    path
  })
