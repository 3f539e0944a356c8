/**
 * A pool file by position, open until the scope closes: how file storage opens, and mapped storage for a mere look.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { PoolError } from "../src/PoolError.js"
import type { PoolFile } from "../src/PoolStorage.js"
import { attempt } from "./errnoReason.js"
import { PositionalFile } from "./positionalFile.js"

export const openPositional = (path: string): Effect.Effect<PoolFile, PoolError, Scope.Scope> =>
  Effect.acquireRelease(
    attempt("open", path, () => PositionalFile.open(path)),
    (file) => Effect.sync(() => file.close())
  )
