// `serve init`: a token, a certificate and its key for a server that other machines can reach, and the commands that use
// them. All three files or none; the token is in its file and nowhere else.
import * as Effect from "effect/Effect"
import { randomBytes, X509Certificate } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import { PoolError } from "../../src/PoolError.js"
import type { ServeInitArguments } from "../arguments.js"
import type { CommandEnd } from "../CommandEnd.js"
import { poolDirectory } from "../localPools.js"
import { jsonResult, presentation, wantsJson } from "../presentation.js"
import { type OutputClosed, ProcessIo } from "../ProcessIo.js"
import { authority, certificateNames, parseBind, reachableHost } from "../serve/address.js"
import { initJson, type InitReport, initText } from "../serve/initText.js"
import { alreadyThere, placeFiles } from "../serve/placeFiles.js"
import { requireCertifiable } from "../serve/plan.js"
import { fingerprintOf } from "../serve/secrets.js"
import { usageError } from "../usageError.js"
import { orPoolError } from "./serve.js"

const words = ["serve", "init"] as const
const tokenBytes = 32
const secretMode = 0o600
const secretDirectoryMode = 0o700
const certificateMode = 0o644

export const serveInit = (args: ServeInitArguments): Effect.Effect<void, CommandEnd | OutputClosed, ProcessIo> =>
  Effect.gen(function* () {
    const look = yield* presentation(args.color)
    const bindText = args.bind ?? "0.0.0.0:9700"
    const bind = yield* orPoolError(() => parseBind(bindText, words))
    yield* orPoolError(() => requireCertifiable(args.sans, words))
    const directory = path.resolve(args.outputDir ?? ".")
    const files = {
      token: path.resolve(directory, args.tokenFile ?? "plasmite-auth-token.txt"),
      cert: path.resolve(directory, args.tlsCert ?? "plasmite-tls-cert.pem"),
      key: path.resolve(directory, args.tlsKey ?? "plasmite-tls-key.pem")
    }
    const existing = yield* orPoolError(() => judgePlaces(Object.values(files), args.force))
    const { makeCertificate } = yield* Effect.promise(() => import("../serve/certificate.js"))
    const made = yield* Effect.promise(() => makeCertificate(certificateNames(bind, args.sans), new Date()))
    yield* orPoolError(() =>
      placeFiles(
        [
          { path: files.token, content: `${randomBytes(tokenBytes).toString("hex")}\n`, mode: secretMode },
          { path: files.cert, content: made.cert, mode: certificateMode },
          { path: files.key, content: made.key, mode: secretMode }
        ],
        { replace: args.force, directoryMode: secretDirectoryMode }
      )
    )
    const report: InitReport = {
      files,
      directory,
      replaced: existing,
      fingerprint: fingerprintOf(new X509Certificate(made.cert)),
      bind: bindText,
      // A port that is not known before the start is for the reader to fill in.
      baseUrl: `https://${authority(reachableHost(bind), bind.port === 0 ? "PORT" : bind.port)}`,
      dir: args.dir === undefined ? undefined : poolDirectory(args)
    }
    const io = yield* ProcessIo
    yield* io.write(wantsJson(look, undefined) ? jsonResult(look, initJson(report)) : `${initText(report)}\n`)
  })

/** Whether anything is there already. Throws `Usage` or `AlreadyExists`. */
const judgePlaces = (places: ReadonlyArray<string>, force: boolean): boolean => {
  const twice = places.find((place, index) => places.indexOf(place) !== index)
  if (twice !== undefined) {
    const { hint, message, reason } = usageError(words, `${twice} is named for two files`, "Give three different paths")
    throw new PoolError({ reason, message, path: twice, ...(hint === undefined ? {} : { hint }) })
  }
  const existing = places.find(isThere)
  if (existing !== undefined && !force) throw alreadyThere(existing)
  return existing !== undefined
}

/** A link counts, wherever it leads. What cannot be looked at is told by whoever writes there. */
const isThere = (place: string): boolean => {
  try {
    return fs.lstatSync(place, { throwIfNoEntry: false }) !== undefined
  } catch {
    return false
  }
}
