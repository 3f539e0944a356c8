/**
 * What a server keeps to itself, read from files: the token, the certificate and its key. Read when it starts and when it is
 * told to read again; everything that would make it useless to clients is refused here, with the path.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto"
import * as fs from "node:fs"
import { createSecureContext } from "node:tls"
import { checkTokenText, type TlsOptions } from "../../http/ServerOptions.js"
import { isPoolError, PoolError } from "../../src/PoolError.js"

export interface Certificate extends TlsOptions {
  /** `SHA256:` and the digest of the DER, in upper-case hex pairs. */
  readonly fingerprint: string
  readonly leaf: X509Certificate
}

/** The token in a file, without the blanks around it. Throws `Usage`. */
export const readTokenFile = (path: string): string => {
  let token: string
  try {
    token = fs.readFileSync(path, "utf8").trim()
  } catch (cause) {
    throw refused(
      path,
      `cannot read the token file ${path}`,
      "Check --token-file; `plasmite serve init` makes one.",
      cause
    )
  }
  if (token === "") {
    throw refused(path, `the token file ${path} is empty`, "Put a token into it; `plasmite serve init` makes one.")
  }
  try {
    checkTokenText(token)
  } catch (error) {
    if (!isPoolError(error)) throw error
    throw refused(path, `${path}: ${error.message}`, error.hint ?? "")
  }
  return token
}

/** Throws `Io` for what cannot be read or is no PEM, `Usage` for what cannot serve. */
export const readCertificate = (certPath: string, keyPath: string, nowMillis: number): Certificate => {
  const cert = readPem(certPath, /-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----/, "certificate")
  const key = readPem(keyPath, /-----BEGIN [A-Z ]*PRIVATE KEY-----/, "private key")
  const leaf = parsed(certPath, "certificate", () => new X509Certificate(cert))
  if (isEncrypted(key)) {
    throw refused(
      keyPath,
      `the private key in ${keyPath} is encrypted`,
      "Store it without a passphrase, readable by its owner only."
    )
  }
  const privateKey: KeyObject = parsed(keyPath, "private key", () => createPrivateKey(key))
  if (!leaf.checkPrivateKey(privateKey)) {
    throw refused(keyPath, `the key in ${keyPath} is not that of the certificate in ${certPath}`, otherPair)
  }
  if (nowMillis > Date.parse(leaf.validTo)) {
    throw refused(
      certPath,
      `the certificate in ${certPath} has expired on ${leaf.validTo}`,
      "Renew it; `plasmite serve init` makes one."
    )
  }
  if (nowMillis < Date.parse(leaf.validFrom)) {
    throw refused(
      certPath,
      `the certificate in ${certPath} is not valid before ${leaf.validFrom}`,
      "Check this machine's clock."
    )
  }
  // The rest of the chain, and a key too weak for the TLS library.
  parsed(certPath, "certificate", () => createSecureContext({ cert, key }))
  return { cert, key, leaf, fingerprint: fingerprintOf(leaf) }
}

export const fingerprintOf = (leaf: X509Certificate): string => `SHA256:${leaf.fingerprint256}`

/**
 * It says `CA:TRUE`. Node's own `ca` also asks what the key may be used for; the clients that refuse such a certificate do not.
 * In DER: the extension, whether it is critical, a sequence that begins with true.
 */
export const saysAuthority = ({ raw }: X509Certificate): boolean =>
  /0603551d13(0101ff)?04..30..0101ff/.test(raw.toString("hex"))

/** Everybody on this machine may read the file. */
export const isReadableByAll = (path: string): boolean =>
  ((fs.statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & fs.constants.S_IROTH) !== 0

const otherPair = "Give the two files that belong together; `plasmite serve init` makes a pair."

const isEncrypted = (key: string): boolean => /-----BEGIN ENCRYPTED |Proc-Type: 4,ENCRYPTED/.test(key)

const readPem = (path: string, label: RegExp, what: string): string => {
  let text: string
  try {
    text = fs.readFileSync(path, "utf8")
  } catch (cause) {
    throw unusable(path, `cannot read the ${what} ${path}`, cause)
  }
  if (!label.test(text)) throw refused(path, `there is no ${what} in ${path}`, `Give a PEM file with a ${what}.`)
  return text
}

const parsed = <A>(path: string, what: string, parse: () => A): A => {
  try {
    return parse()
  } catch (cause) {
    throw unusable(path, `the ${what} in ${path} cannot be read`, cause)
  }
}

const causesOf = (cause: unknown): { readonly causes?: ReadonlyArray<string> } =>
  cause === undefined ? {} : { causes: [cause instanceof Error ? cause.message : String(cause)] }

const refused = (path: string, message: string, hint: string, cause?: unknown): PoolError =>
  new PoolError({ reason: "Usage", message, hint, path, ...causesOf(cause) })

const unusable = (path: string, message: string, cause: unknown): PoolError =>
  new PoolError({
    reason: "Io",
    message,
    hint: "Check the path and who may read it; `plasmite serve init` makes certificate and key.",
    path,
    ...causesOf(cause)
  })
