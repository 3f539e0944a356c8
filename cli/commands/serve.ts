// `serve`: the pools of the pool directory over HTTP, until a signal ends it. Everything about the call is checked before
// anything is bound; what is announced is true of the socket that listens.
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { X509Certificate } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import { make as makeServer, type RunningServer } from "../../http/PoolServer.js"
import { isPoolError, PoolError } from "../../src/PoolError.js"
import { extension } from "../../src/PoolRef.js"
import type { ServeArguments } from "../arguments.js"
import type { CommandEnd } from "../CommandEnd.js"
import { withPools } from "../localPools.js"
import { displayPoolDirectory } from "../output/human.js"
import { placesOf } from "../places.js"
import { type Presentation, presentation, reportNotice } from "../presentation.js"
import { type OutputClosed, ProcessIo } from "../ProcessIo.js"
import { authority, isWildcard } from "../serve/address.js"
import { placeFiles } from "../serve/placeFiles.js"
import { planServe, rereadSecrets, type ServePlan } from "../serve/plan.js"
import type { ServerAccess } from "../serve/sampleCalls.js"
import { type Certificate, fingerprintOf } from "../serve/secrets.js"
import * as ServeLog from "../serve/serveLog.js"
import { endBy, listenToSignals, type Signals } from "../serve/signals.js"
import { factsOf, type ServerFacts, startText } from "../serve/startText.js"

/** Runs what throws a `PoolError`. */
export const orPoolError = <A>(run: () => A): Effect.Effect<A, PoolError> =>
  Effect.try({
    try: run,
    catch: (error) => {
      if (isPoolError(error)) return error
      throw error
    }
  })

export const serve = (args: ServeArguments): Effect.Effect<void, CommandEnd | OutputClosed, ProcessIo> =>
  Effect.gen(function* () {
    const io = yield* ProcessIo
    const look = yield* presentation(args.color)
    const now = yield* Clock.currentTimeMillis
    const plan = yield* orPoolError(() => planServe(args, now))
    const level = yield* orPoolError(() => ServeLog.parseLogLevel(io.env("PLASMITE_LOG")))
    const signal = yield* Effect.provide(run(args, plan, look, level), ServeLog.layer(level, look.stderrIsTerminal))
    if (signal === "SIGHUP") yield* endBy(signal)
  })

const run = (
  args: ServeArguments,
  plan: ServePlan,
  look: Presentation,
  level: ServeLog.ServeLogLevel
): Effect.Effect<NodeJS.Signals, PoolError, ProcessIo> =>
  Effect.gen(function* () {
    // Before anything else: a signal that comes while the server starts shall end it as one that comes later does.
    const signals = yield* listenToSignals(look.stderrIsTerminal)
    const made = plan.tls.mode === "self-signed" ? yield* makeCertificate(plan.tls.names) : undefined
    const { tls = made, token, ...options } = plan.options
    const server = yield* makeServer({
      ...options,
      ...(token === undefined ? {} : { token }),
      ...(tls === undefined ? {} : { tls }),
      logRequests: level === "debug" ? "all" : "failed"
    })
    // A start that fails leaves the certificate of the server that is running where it was.
    if (made !== undefined) yield* publishCertificate(plan, made)
    const facts = { ...factsOf(plan, server), ...(made === undefined ? {} : { fingerprint: made.fingerprint }) }
    yield* announce(args, plan, facts, look)
    yield* Effect.forkScoped(Effect.forever(reloadOnce(signals, plan, server)))
    const signal = yield* signals.stop
    yield* Effect.annotateLogs(Effect.logInfo("stopping"), { signal })
    return signal
  }).pipe(Effect.scoped, withPools(args))

const makeCertificate = (names: ReadonlyArray<string>): Effect.Effect<Certificate> =>
  Effect.gen(function* () {
    const { makeCertificate: make } = yield* Effect.promise(() => import("../serve/certificate.js"))
    const made = yield* Effect.promise(() => make(names, new Date()))
    const leaf = new X509Certificate(made.cert)
    return { ...made, leaf, fingerprint: fingerprintOf(leaf) }
  })

const certificateMode = 0o644

const publishCertificate = ({ tls }: ServePlan, { cert }: Certificate): Effect.Effect<void, PoolError> =>
  tls.mode !== "self-signed"
    ? Effect.void
    : orPoolError(() => placeFiles([{ path: tls.certPath, content: cert, mode: certificateMode }], { replace: true }))

/** Says where the server is: in the file that was asked for, and on standard error. */
const announce = (
  args: ServeArguments,
  plan: ServePlan,
  facts: ServerFacts,
  look: Presentation
): Effect.Effect<void, PoolError, ProcessIo> =>
  Effect.gen(function* () {
    const io = yield* ProcessIo
    const readyFile = io.env("PLASMITE_SERVE_READY_FILE")
    if (readyFile !== undefined && readyFile !== "") yield* publishAddress(path.resolve(readyFile), facts.listen)
    if (look.stderrIsTerminal) return yield* io.writeError(`${yield* blockText(args, plan, facts, look)}\n`)
    for (const message of facts.warnings) {
      yield* reportNotice(look, { kind: "serve_warning", command: "serve", message, details: {} })
    }
    yield* reportNotice(look, {
      kind: "serve_ready",
      command: "serve",
      message: `serving ${plan.directory} at ${facts.baseUrl}`,
      details: {
        listen: facts.listen,
        base_url: facts.baseUrl,
        auth: facts.auth,
        tls: facts.tls,
        access: facts.access,
        ...(facts.fingerprint === undefined ? {} : { tls_fingerprint: facts.fingerprint }),
        ...(plan.tls.mode === "disabled" ? {} : { tls_cert: plan.tls.certPath })
      }
    })
  })

const readyFileMode = 0o644

const publishAddress = (file: string, listen: string): Effect.Effect<void, PoolError> =>
  Effect.mapError(
    orPoolError(() => placeFiles([{ path: file, content: `${listen}\n`, mode: readyFileMode }], { replace: true })),
    ({ message }) =>
      new PoolError({
        reason: "Io",
        message: `PLASMITE_SERVE_READY_FILE: ${message}`,
        hint: "Name a file in a directory that can be written.",
        path: file
      })
  )

const blockText = (
  args: ServeArguments,
  plan: ServePlan,
  facts: ServerFacts,
  { stderr }: Presentation
): Effect.Effect<string, never, ProcessIo> =>
  Effect.map(placesOf(args), (places) =>
    startText(facts, {
      directory: displayPoolDirectory(places),
      dir: args.dir === undefined ? undefined : plan.directory,
      server: clientAccess(plan, facts),
      needsPool: !fs.existsSync(path.join(plan.directory, `demo${extension}`)),
      isWildcard: isWildcard(plan.bind.host),
      style: stderr
    })
  )

/** How a client on this machine gets in. */
const clientAccess = ({ auth, tls, tokenPath }: ServePlan, { access, baseUrl }: ServerFacts): ServerAccess => ({
  baseUrl: reachableUrl(baseUrl, tls),
  access,
  token: auth === "none" ? "none" : tokenPath === undefined ? "environment" : { file: tokenPath },
  // A certificate that somebody else has signed is known by its signer, whom the client may know.
  ca: tls.mode === "self-signed" || (tls.mode === "enabled" && isSelfIssued(tls.certificate)) ? tls.certPath : undefined
})

const isSelfIssued = ({ leaf }: Certificate): boolean => leaf.issuer === leaf.subject

/** The same server under a name that its certificate holds. */
const reachableUrl = (baseUrl: string, tls: ServePlan["tls"]): string => {
  if (tls.mode !== "enabled") return baseUrl
  const { leaf } = tls.certificate
  const { hostname, port } = new URL(baseUrl)
  if (leaf.checkIP(hostname.replace(/^\[|\]$/g, "")) !== undefined) return baseUrl
  const name = /(?:^|, )DNS:([^*,]+)/.exec(leaf.subjectAltName ?? "")?.[1]
  return name === undefined ? baseUrl : `https://${authority(name, port)}`
}

/** What cannot be used leaves everything as it was. */
const reloadOnce = (signals: Signals, plan: ServePlan, server: RunningServer): Effect.Effect<void> =>
  Effect.gen(function* () {
    yield* signals.reload
    const now = yield* Clock.currentTimeMillis
    const secrets = yield* orPoolError(() => rereadSecrets(plan, now))
    yield* server.replaceSecrets(secrets)
    yield* Effect.annotateLogs(Effect.logInfo("reloaded"), {
      token: secrets.token === undefined ? "unchanged" : "read",
      certificate: secrets.tls === undefined ? "unchanged" : "read"
    })
  }).pipe(Effect.catchAll((error) => ServeLog.logFailure("reload failed, nothing has changed", error)))
