/**
 * What the operating system's refusals mean for a pool: one table from errno to `PoolErrorReason`, with the words a
 * person needs. Every layer that touches the machine translates here and nowhere else. What is not in the table is
 * `Io`; what is not a refusal of the system at all is a bug and stays an exception.
 */
import * as Effect from "effect/Effect"
import * as Util from "node:util"
import { PoolError, type PoolErrorReason } from "../src/PoolError.js"

interface Meaning {
  readonly reason: PoolErrorReason
  /** Completes "cannot open PATH: …". */
  readonly says: string
  readonly hint: string
}

const permissionHint = "Check who owns the file and its directory, and that the disk is not mounted read-only."
const spaceHint = "Free some space, or create a smaller pool; existing pools never grow and keep working."
const limitHint = "Raise the limit (ulimit -n), or close pools that are no longer needed."
const pathHint = "Check the path; a pool is a single file in a directory."
const hardwareHint = "Look into the system log; the disk or its connection may be failing."

const meanings: Readonly<Record<string, Meaning>> = {
  EACCES: { reason: "Permission", says: "permission denied", hint: permissionHint },
  EPERM: { reason: "Permission", says: "operation not permitted", hint: permissionHint },
  EROFS: { reason: "Permission", says: "the file system is read-only", hint: permissionHint },

  ENOENT: { reason: "NotFound", says: "no such file or directory", hint: "Check the name, or create the pool first." },
  EEXIST: {
    reason: "AlreadyExists",
    says: "it exists already",
    hint: "Open the existing one, choose a different name, or remove the file first."
  },
  EAGAIN: { reason: "Busy", says: "another process holds it", hint: "Try again in a moment." },

  ENOSPC: { reason: "Io", says: "the disk is full", hint: spaceHint },
  EDQUOT: { reason: "Io", says: "the disk quota is used up", hint: spaceHint },
  EFBIG: { reason: "Io", says: "the file is larger than the system allows", hint: "Choose a smaller size." },
  ENOMEM: { reason: "Io", says: "the machine is out of memory", hint: "Close other programs, or open fewer pools." },
  EMFILE: { reason: "Io", says: "this process has too many open files", hint: limitHint },
  ENFILE: { reason: "Io", says: "the machine has too many open files", hint: limitHint },

  EISDIR: { reason: "Io", says: "it is a directory, not a pool file", hint: pathHint },
  ENOTDIR: { reason: "Io", says: "a part of the path is a file, not a directory", hint: pathHint },
  ENAMETOOLONG: { reason: "Io", says: "the name is too long", hint: "Choose a shorter name." },
  ELOOP: { reason: "Io", says: "the symbolic links go in a circle", hint: "Remove or correct the links." },
  ENXIO: { reason: "Io", says: "it is a device or a socket, not a pool file", hint: pathHint },

  EIO: { reason: "Io", says: "the disk reported an error", hint: hardwareHint },
  ESTALE: { reason: "Io", says: "the network file system lost the file", hint: "Keep pools on a local disk." },
  ENOLCK: { reason: "Io", says: "the file system offers no locks", hint: "Keep pools on a local disk." },
  EOPNOTSUPP: { reason: "Io", says: "the file system cannot do that", hint: "Keep pools on an ordinary local disk." },
  ENOTSUP: { reason: "Io", says: "the file system cannot do that", hint: "Keep pools on an ordinary local disk." }
}

/** The reason that stands for an errno such as `"ENOSPC"`. */
export const errnoReason = (code: string): PoolErrorReason => meanings[code]?.reason ?? "Io"

const fromCode = (doing: string, path: string, code: string, cause: string): PoolError => {
  const meaning = meanings[code]
  return new PoolError({
    reason: meaning?.reason ?? "Io",
    message: `cannot ${doing} ${path}: ${meaning?.says ?? cause}`,
    ...(meaning === undefined ? {} : { hint: meaning.hint }),
    path,
    causes: [cause]
  })
}

/** The failure of a native call, from the number it left in errno. `doing` completes "cannot … PATH". */
export const errnoError = (doing: string, path: string, errno: number): PoolError => {
  const code = Util.getSystemErrorName(-errno)
  return fromCode(doing, path, code, `${code} (errno ${errno})`)
}

/**
 * The failure of a call into `node:fs`, from the exception it threw. A `PoolError` passes unchanged, and whatever is
 * not a refusal of the system is thrown on.
 */
export const systemError = (doing: string, path: string, exception: unknown): PoolError => {
  if (exception instanceof PoolError) return exception
  const code = errorCode(exception)
  if (code === "ERR_INVALID_ARG_VALUE") {
    return new PoolError({
      reason: "Usage",
      message: `cannot ${doing} ${JSON.stringify(path)}: not a possible path`,
      hint: "A path cannot contain a NUL character.",
      path
    })
  }
  if (exception instanceof Error && "errno" in exception && code !== undefined) {
    return fromCode(doing, path, code, exception.message)
  }
  throw exception
}

/** The `code` of an exception, such as `"ENOENT"`. */
export const errorCode = (exception: unknown): string | undefined =>
  exception instanceof Error && "code" in exception && typeof exception.code === "string" ? exception.code : undefined

/** Runs synchronous file work as an Effect that fails with what the system said. */
export const attempt = <A>(doing: string, path: string, work: () => A): Effect.Effect<A, PoolError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(work())
    } catch (exception) {
      return Effect.fail(systemError(doing, path, exception))
    }
  })
