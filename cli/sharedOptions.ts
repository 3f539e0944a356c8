/**
 * What the declarations of several commands share: the program's own options, those of a client, and the choice of a report.
 */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Arguments from "./arguments.js"
import * as Descriptions from "./descriptions.js"
import * as P from "./parameters.js"
import { TypedCall } from "./typedCall.js"

export const POOL = "pool name, or path of a pool file"
export const ANY_POOL = `${POOL}, or http(s)://HOST[:PORT]/POOL`

/** How to reach and trust a server. */
export const client = {
  token: P.text("token", "TEXT", "bearer token for a server; default: $PLASMITE_TOKEN; not with --token-file"),
  tokenFile: P.file("token-file", "file that holds the bearer token for a server; not with --token"),
  tlsCa: P.file(
    "tls-ca",
    "PEM file with the certificates to trust for a server instead of the system's; not with --tls-fingerprint"
  ),
  tlsSkipVerify: P.flag(
    "tls-skip-verify",
    "accept any certificate of a server, with a warning; not with --tls-fingerprint"
  ),
  tlsFingerprint: P.text(
    "tls-fingerprint",
    "SHA256:...",
    "accept exactly the certificate with this fingerprint, as the server prints it; not with --tls-ca or --tls-skip-verify"
  )
}

export const jsonReport = {
  json: P.flag("json", "print JSON, also on a terminal (pretty there)"),
  noJson: P.flag("no-json", "print text, also into a pipe; by default a terminal gets text and a pipe JSON")
}

/** One answer from the two flags. */
export const jsonChoice = (flags: { readonly json: boolean; readonly noJson: boolean }): Arguments.JsonChoice =>
  flags.json ? true : flags.noJson ? false : undefined

const globals = {
  dir: P.directory("dir", "pool directory for named pools; default: $PLASMITE_DIR, else ~/.plasmite/pools"),
  color: P.choice(
    "color",
    "MODE",
    Arguments.COLOR_MODES,
    "auto",
    "colour of pretty JSON and of labels: auto means on a terminal"
  )
}

export const root = Command.make("plasmite", globals).pipe(Command.withDescription(Descriptions.root))

/** The global part of a handler's record: the root's own options, and the words typed. */
export const globalArguments = Effect.flatMap(root, ({ dir, color }) =>
  Effect.map(TypedCall, (call): Arguments.GlobalArguments => ({ dir, color, call }))
)
