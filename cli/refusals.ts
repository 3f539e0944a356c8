// Options that make sense only for a pool on a server, given with a pool on this machine.
import * as Either from "effect/Either"
import type { PoolError } from "../src/PoolError.js"
import type { ClientArguments } from "./arguments.js"
import { usageError } from "./usageError.js"

export const refuseClientOptions = (
  args: ClientArguments & { readonly reconnect?: boolean },
  words: ReadonlyArray<string>
): Either.Either<void, PoolError> => {
  const given =
    (args.token !== undefined && "--token") ||
    (args.tokenFile !== undefined && "--token-file") ||
    (args.tlsCa !== undefined && "--tls-ca") ||
    (args.tlsSkipVerify && "--tls-skip-verify") ||
    (args.tlsFingerprint !== undefined && "--tls-fingerprint") ||
    (args.reconnect === true && "--reconnect")
  return given
    ? Either.left(usageError(words, `${given} is for pools on a server only`, "Leave it out for a local pool"))
    : Either.void
}
