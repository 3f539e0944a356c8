// How to reach and trust a server, from options, files and the environment. All of it is checked before anything is sent,
// and no message repeats a token.
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import { X509Certificate } from "node:crypto"
import * as fs from "node:fs"
import { parseBaseUrl, parseFingerprint, type RemoteOptions, type RemoteTls } from "../../http/remote/remoteOptions.js"
import { isPoolError, PoolError } from "../../src/PoolError.js"
import type { ClientArguments, GlobalArguments } from "../arguments.js"
import { presentation, reportNotice } from "../presentation.js"
import { ProcessIo } from "../ProcessIo.js"
import { usageError } from "../usageError.js"

/** The server's URL, and what notices call it: the reference as typed. */
export interface Server {
  readonly url: string
  readonly shown: string
}

type Arguments = GlobalArguments & ClientArguments & { readonly reconnect?: boolean }

/** Fails with `Usage`, and touches nothing but the files that are named. */
export const remoteOptions = (args: Arguments, server: Server): Effect.Effect<RemoteOptions, PoolError, ProcessIo> =>
  Effect.gen(function* () {
    const io = yield* ProcessIo
    const runtime = yield* Effect.runtime<ProcessIo>()
    return yield* Effect.try({
      try: (): RemoteOptions => {
        const base = parseBaseUrl(server.url)
        const token = tokenOf(args, io.env("PLASMITE_TOKEN"))
        return {
          url: base.origin,
          tls: tlsOf(args, base),
          reconnect: args.reconnect ?? false,
          ...(token === undefined ? {} : { token }),
          onOtherVersion: (version) =>
            Runtime.runSync(runtime)(
              warn(args, server, `the server speaks version ${version} of the protocol, this program version 0`)
            )
        }
      },
      catch: (error) =>
        isPoolError(error) ? error : new PoolError({ reason: "Internal", message: `internal error: ${String(error)}` })
    })
  })

/** Says so when the server's certificate will not be looked at. */
export const warnOfTrust = (args: Arguments, server: Server): Effect.Effect<void, never, ProcessIo> =>
  args.tlsSkipVerify
    ? warn(args, server, "the server's certificate is not verified: anybody in between can read and change everything")
    : Effect.void

const warn = (args: Arguments, { shown, url }: Server, message: string): Effect.Effect<void, never, ProcessIo> =>
  Effect.flatMap(presentation(args.color), (look) =>
    reportNotice(look, {
      kind: "warning",
      command: args.call.words.join(" "),
      pool: shown,
      message: `warning: ${message}`,
      details: { server: url }
    })
  )

const tokenOf = (args: Arguments, fromEnvironment: string | undefined): string | undefined => {
  const words = args.call.words
  if (args.tokenFile !== undefined) {
    const token = readNamed(args.tokenFile, "token file").trim()
    if (token === "") throw unusable(args.tokenFile, "token file is empty")
    if (!isToken(token)) throw unusable(args.tokenFile, "token file holds something else than one token")
    return token
  }
  const [token, source] = args.token === undefined ? [fromEnvironment, "PLASMITE_TOKEN"] : [args.token, "--token"]
  // An empty variable is as good as none.
  if (token === undefined || (token === "" && args.token === undefined)) return undefined
  if (isToken(token)) return token
  throw usageError(words, `the value of ${source} is not a token`, "A token is visible ASCII characters without blanks")
}

/** What fits into a header as one word. */
const isToken = (text: string): boolean => /^[\x21-\x7e]+$/.test(text)

const tlsOf = (args: Arguments, url: URL): RemoteTls => {
  const option =
    (args.tlsCa !== undefined && "--tls-ca") ||
    (args.tlsSkipVerify && "--tls-skip-verify") ||
    (args.tlsFingerprint !== undefined && "--tls-fingerprint")
  if (option && url.protocol === "http:") {
    throw usageError(args.call.words, `${option} is for https, but ${url.origin} is not encrypted`, "Write https://")
  }
  return {
    ...(args.tlsCa === undefined ? {} : { ca: certificatesIn(args.tlsCa) }),
    ...(args.tlsSkipVerify ? { skipVerify: true } : {}),
    ...(args.tlsFingerprint === undefined ? {} : { fingerprint: checkedFingerprint(args.tlsFingerprint) })
  }
}

const checkedFingerprint = (text: string): string => {
  parseFingerprint(text)
  return text
}

/** The file, when all that it says are certificates is one. Node itself passes over what it does not understand. */
const certificatesIn = (file: string): string => {
  const text = readNamed(file, "certificate file")
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  if (blocks.length === 0) throw unusable(file, "certificate file has no certificate in PEM form")
  if (!blocks.every(isCertificate)) throw unusable(file, "certificate file has a certificate that cannot be read")
  return text
}

const isCertificate = (block: string): boolean => {
  try {
    return new X509Certificate(block).raw.length > 0
  } catch {
    return false
  }
}

const readNamed = (file: string, what: string): string => {
  try {
    return fs.readFileSync(file, "utf8")
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw unusable(file, code === "ENOENT" ? `${what} not found` : `${what} cannot be read: ${code ?? message}`)
  }
}

const unusable = (file: string, problem: string): PoolError =>
  new PoolError({ reason: "Usage", message: `${problem}: ${file}`, hint: "Check the path and the file.", path: file })
