/**
 * From the options of `serve` to a server that may be started, or the first thing that is wrong with them: what the order of
 * the checks is, is promised. Files are read, nothing is opened, written or bound. `check` and a start both go through here.
 */
import * as fs from "node:fs"
import * as path from "node:path"
import type { ResolvedOptions, ServerSecrets } from "../../http/ServerOptions.js"
import { checkTokenText, defaultAddress, resolveOptions } from "../../http/ServerOptions.js"
import { hostName, normalizeOrigins } from "../../http/server/origins.js"
import { PoolError } from "../../src/PoolError.js"
import type { ServeArguments } from "../arguments.js"
import { poolDirectory } from "../localPools.js"
import { usageError } from "../usageError.js"
import { quoted } from "../usageText.js"
import { authority, type Bind, certificateNames, isCertifiable, isLoopback, parseBind } from "./address.js"
import { type Certificate, isReadableByAll, readCertificate, readTokenFile, saysAuthority } from "./secrets.js"

export type TlsPlan =
  | { readonly mode: "disabled" }
  | {
      readonly mode: "enabled"
      readonly certPath: string
      readonly keyPath: string
      readonly certificate: Certificate
    }
  /** Made when the server starts. */
  | { readonly mode: "self-signed"; readonly certPath: string; readonly names: ReadonlyArray<string> }

export interface ServePlan {
  readonly bind: Bind
  readonly directory: string
  readonly auth: "none" | "token" | "token file"
  readonly tokenPath: string | undefined
  readonly tls: TlsPlan
  /** Complete, but for a certificate that is made at the start. */
  readonly options: ResolvedOptions
  readonly warnings: ReadonlyArray<string>
}

const words = ["serve"] as const
const init = "`plasmite serve init` makes token, certificate and key"

/** Throws the `PoolError` of the first check that fails. */
export const planServe = (args: ServeArguments, nowMillis: number): ServePlan => {
  const bind = parseBind(args.bind ?? authority(defaultAddress.host, defaultAddress.port), words)
  const { tokenFile } = args
  if (args.token !== undefined && tokenFile !== undefined) {
    throw usageError(words, "--token cannot be combined with --token-file", `Keep --token-file: ${init}`)
  }
  const tokenPath = tokenFile === undefined ? undefined : path.resolve(tokenFile)
  const token = tokenPath === undefined ? args.token : readTokenFile(tokenPath)
  if (token !== undefined) checkTokenText(token)
  const corsOrigins = normalizeOrigins(args.corsOrigins)
  for (const name of args.allowHosts) requireHostName(name)
  const isOpen = !isLoopback(bind.host)
  if (isOpen && !args.allowNonLoopback) {
    throw usageError(
      words,
      `binding ${authority(bind.host, bind.port)} lets other machines in`,
      "Say so with --allow-non-loopback, or bind 127.0.0.1"
    )
  }
  checkTlsFlags(args)
  const options = resolveOptions({
    ...bind,
    access: args.access,
    corsOrigins,
    allowHosts: args.allowHosts,
    serverWhere: !args.noServerWhere,
    ...definedOf({
      token,
      maxBodyBytes: args.maxBodyBytes,
      maxTailTimeoutMillis: args.maxTailTimeoutMillis,
      maxTailConcurrency: args.maxTailConcurrency,
      maxPoolBytes: args.maxPoolBytes,
      maxPools: args.maxPools
    })
  })
  const hasTls = args.tlsSelfSigned || args.tlsCert !== undefined
  const writable = args.access !== "read-only"
  if (isOpen && writable && tokenPath === undefined) {
    throw usageError(words, "letting other machines write needs --token-file", init)
  }
  if (isOpen && writable && !hasTls && !args.insecureNoTls) {
    throw usageError(
      words,
      "letting other machines write needs TLS",
      `Give --tls-cert and --tls-key: ${init}; or accept the risk with --insecure-no-tls`
    )
  }
  const directory = poolDirectory(args)
  const tls = planTls(args, bind, directory, nowMillis)
  const warnings = [
    ...(isOpen && token === undefined ? ["no token: everybody who reaches this address can read every pool"] : []),
    ...(isOpen && !hasTls ? ["no TLS: whatever is sent, tokens included, crosses the network in the clear"] : []),
    ...secretWarnings(tokenPath, tls),
    ...directoryWarnings(directory, writable)
  ]
  const auth = token === undefined ? "none" : tokenPath === undefined ? "token" : "token file"
  return {
    bind,
    directory,
    auth,
    tokenPath,
    tls,
    options: tls.mode === "enabled" ? { ...options, tls: tls.certificate } : options,
    warnings
  }
}

/** What was read from files, read again. Throws as a start would. */
export const rereadSecrets = ({ tls, tokenPath }: ServePlan, nowMillis: number): ServerSecrets => ({
  ...(tokenPath === undefined ? {} : { token: readTokenFile(tokenPath) }),
  ...(tls.mode === "enabled" ? { tls: readCertificate(tls.certPath, tls.keyPath, nowMillis) } : {})
})

type Defined<A> = { readonly [Key in keyof A]?: Exclude<A[Key], undefined> }

const definedOf = <A extends object>(fields: A): Defined<A> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<A>

const requireHostName = (name: string): void => {
  if (hostName(name) === name.toLowerCase()) return
  throw usageError(
    words,
    `${quoted(name)} is no host name for --allow-host`,
    "Give the bare name, such as pools.example.org"
  )
}

const checkTlsFlags = ({ sans, tlsCert, tlsCertOut, tlsKey, tlsSelfSigned }: ServeArguments): void => {
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    const [given, lacking] = tlsCert === undefined ? ["--tls-key", "--tls-cert"] : ["--tls-cert", "--tls-key"]
    throw usageError(words, `${given} requires ${lacking}`, `Give both: ${init}`)
  }
  if (tlsSelfSigned && tlsCert !== undefined) {
    throw usageError(
      words,
      "--tls-self-signed cannot be combined with --tls-cert and --tls-key",
      `Use one or the other; for a certificate that lasts, ${init}`
    )
  }
  if (!tlsSelfSigned && (tlsCertOut !== undefined || sans.length > 0)) {
    const given = tlsCertOut === undefined ? "--san" : "--tls-cert-out"
    throw usageError(words, `${given} requires --tls-self-signed`, "Add --tls-self-signed, or leave it out")
  }
  requireCertifiable(sans, words)
}

export const requireCertifiable = (sans: ReadonlyArray<string>, command: ReadonlyArray<string>): void => {
  const wrong = sans.find((name) => !isCertifiable(name))
  if (wrong === undefined) return
  throw usageError(
    command,
    `${quoted(wrong)} is no name for a certificate (--san)`,
    "Give a DNS name or an IP address, such as pools.example.org or 192.0.2.7"
  )
}

const planTls = (args: ServeArguments, bind: Bind, directory: string, nowMillis: number): TlsPlan => {
  if (args.tlsSelfSigned) {
    const certPath = path.resolve(args.tlsCertOut ?? path.join(directory, "..", "plasmite-self-signed-cert.pem"))
    return { mode: "self-signed", certPath, names: certificateNames(bind, args.sans) }
  }
  if (args.tlsCert === undefined || args.tlsKey === undefined) return { mode: "disabled" }
  const certPath = path.resolve(args.tlsCert)
  const keyPath = path.resolve(args.tlsKey)
  return { mode: "enabled", certPath, keyPath, certificate: readCertificate(certPath, keyPath, nowMillis) }
}

const secretWarnings = (tokenPath: string | undefined, tls: TlsPlan): ReadonlyArray<string> => {
  const secrets = [...(tokenPath === undefined ? [] : [tokenPath]), ...(tls.mode === "enabled" ? [tls.keyPath] : [])]
  const exposed = secrets
    .filter(isReadableByAll)
    .map((file) => `every user of this machine can read ${file}: chmod 600`)
  const isAuthority = tls.mode === "enabled" && saysAuthority(tls.certificate.leaf)
  return isAuthority
    ? [...exposed, `the certificate in ${tls.certPath} is that of an authority (CA:TRUE): some clients refuse it`]
    : exposed
}

/** A directory that is missing comes with its first pool; one that cannot be used never will. Throws for that. */
const directoryWarnings = (directory: string, writable: boolean): ReadonlyArray<string> => {
  const refuse = (reason: "Usage" | "Permission", why: string): PoolError =>
    new PoolError({
      reason,
      message: `the pool directory ${directory} ${why}`,
      hint: "Check the path and who owns it, or choose another with --dir.",
      path: directory
    })
  let status: fs.Stats | undefined
  try {
    status = fs.statSync(directory, { throwIfNoEntry: false })
  } catch (error) {
    const isForbidden = (error as NodeJS.ErrnoException).code === "EACCES"
    throw isForbidden ? refuse("Permission", "cannot be reached") : refuse("Usage", "cannot be there")
  }
  if (status === undefined) return []
  if (!status.isDirectory()) throw refuse("Usage", "is not a directory")
  if (!may(directory, fs.constants.R_OK | fs.constants.X_OK)) throw refuse("Permission", "cannot be read")
  return writable && !may(directory, fs.constants.W_OK)
    ? [`clients cannot create or delete pools: ${directory} is not writable`]
    : []
}

const may = (directory: string, mode: number): boolean => {
  try {
    fs.accessSync(directory, mode)
    return true
  } catch {
    return false
  }
}
