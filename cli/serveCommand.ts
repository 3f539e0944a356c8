/**
 * The tree of `serve`: its options, which `serve check` takes as well, and its two subcommands.
 */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Arguments from "./arguments.js"
import * as Descriptions from "./descriptions.js"
import * as P from "./parameters.js"
import { globalArguments, jsonChoice, jsonReport } from "./sharedOptions.js"

const serveOptions = {
  bind: P.text("bind", "BIND", "IP:PORT or localhost:PORT; port 0: any free one; default: 127.0.0.1:9700"),
  access: P.choice("access", "MODE", Arguments.ACCESS_MODES, "read-write", "what clients may do"),
  corsOrigins: P.texts("cors-origin", "ORIGIN", "web origin whose pages may use the server, no wildcard; repeatable"),
  allowHosts: P.texts("allow-host", "NAME", "name by which a server without token may be called; repeatable"),
  token: P.text("token", "TEXT", "bearer token that clients must send; other users see it, so prefer --token-file"),
  tokenFile: P.file("token-file", "file that holds the bearer token; not with --token"),
  tlsCert: P.file("tls-cert", "certificate, PEM, a chain begins with the server's own; requires --tls-key"),
  tlsKey: P.file("tls-key", "private key of the certificate, PEM; requires --tls-cert"),
  tlsSelfSigned: P.flag("tls-self-signed", "make a certificate for this run; not with --tls-cert and --tls-key"),
  tlsCertOut: P.file(
    "tls-cert-out",
    "where clients find the certificate of --tls-self-signed; default: beside the pool directory"
  ),
  sans: P.texts("san", "NAME", "further DNS name or IP address for the certificate of --tls-self-signed; repeatable"),
  allowNonLoopback: P.flag(
    "allow-non-loopback",
    "let other machines in; to write, they need --token-file, and TLS or --insecure-no-tls"
  ),
  insecureNoTls: P.flag("insecure-no-tls", "let other machines write without TLS, token and messages in the clear"),
  maxBodyBytes: P.count("max-body-bytes", ["serve"], "longest body of a request, at least 1; default: 1048576"),
  maxTailTimeoutMillis: P.count(
    "max-tail-timeout-ms",
    ["serve"],
    "longest life of a tail in milliseconds, at least 1; default: 30000"
  ),
  maxTailConcurrency: P.count(
    "max-tail-concurrency",
    ["serve"],
    "tails open at once, and requests waiting for pools, at least 1; default: 64"
  ),
  maxPoolBytes: P.count("max-pool-bytes", ["serve"], "largest pool a client may create; default: 1073741824"),
  maxPools: P.count("max-pools", ["serve"], "pools there may be when a client creates one; default: 1000"),
  noServerWhere: P.flag("no-server-where", "run no jq filters for clients")
}

const SAN = "further DNS name or IP address for the certificate; repeatable"

export const serve = <E, R>(handlers: Arguments.Handlers<E, R>) => {
  const group = Command.make("serve", serveOptions, (own) =>
    Effect.flatMap(globalArguments, (shared) => handlers.serve({ ...own, ...shared }))
  ).pipe(Command.withDescription(Descriptions.serve))
  const init = Command.make(
    "init",
    {
      bind: P.text("bind", "BIND", "address for the certificate and the commands shown; default: 0.0.0.0:9700"),
      outputDir: P.directory("output-dir", "directory for the files, made if it is missing; default: ."),
      tokenFile: P.file("token-file", "default: plasmite-auth-token.txt"),
      tlsCert: P.file("tls-cert", "default: plasmite-tls-cert.pem"),
      tlsKey: P.file("tls-key", "default: plasmite-tls-key.pem"),
      sans: P.texts("san", "NAME", SAN),
      force: P.flag("force", "replace files that are there already")
    },
    (own) => Effect.flatMap(globalArguments, (shared) => handlers.serveInit({ ...own, ...shared }))
  ).pipe(Command.withDescription(Descriptions.serveInit))
  const check = Command.make("check", jsonReport, (flags) =>
    Effect.flatMap(Effect.all([group, globalArguments]), ([own, shared]) =>
      handlers.serveCheck({ ...own, json: jsonChoice(flags), ...shared })
    )
  ).pipe(Command.withDescription(Descriptions.serveCheck))
  return group.pipe(Command.withSubcommands([init, check]))
}
