/**
 * What people and programs read about a server: when it has started, and when its options were checked. Values are those
 * of the socket that is bound; the token is in none of them.
 */
import type { ResolvedOptions } from "../../http/ServerOptions.js"
import type { AccessName } from "../arguments.js"
import { paint, sgr, type Style } from "../output/color.js"
import { humanSize, visible } from "../output/human.js"
import { authority, type Bind, localHost, scopeText } from "./address.js"
import type { ServePlan } from "./plan.js"
import {
  brokenLines,
  type Call,
  createCall,
  curlReadCall,
  curlWriteCall,
  mayRead,
  mayWrite,
  readCall,
  type ServerAccess,
  writeCall
} from "./sampleCalls.js"

export interface ServerFacts {
  readonly listen: string
  readonly baseUrl: string
  readonly scope: string
  readonly auth: "none" | "bearer token (--token)" | "bearer token (--token-file)"
  readonly tls: "disabled" | "enabled" | "self-signed"
  /** None before a certificate is made. */
  readonly fingerprint: string | undefined
  readonly access: AccessName
  readonly corsOrigins: ReadonlyArray<string>
  readonly limits: ResolvedOptions
  readonly warnings: ReadonlyArray<string>
}

const authWords = {
  none: "none",
  token: "bearer token (--token)",
  "token file": "bearer token (--token-file)"
} as const

/** `bind` is the address that is bound, or that would be. */
export const factsOf = ({ auth, options, tls, warnings }: ServePlan, bind: Bind): ServerFacts => ({
  listen: authority(bind.host, bind.port),
  baseUrl: `${tls.mode === "disabled" ? "http" : "https"}://${authority(localHost(bind.host), bind.port)}`,
  scope: scopeText(bind),
  auth: authWords[auth],
  tls: tls.mode,
  fingerprint: tls.mode === "enabled" ? tls.certificate.fingerprint : undefined,
  access: options.access,
  corsOrigins: options.corsOrigins,
  limits: options,
  warnings
})

/** For programs: the report of `serve check`. */
export const checkJson = (facts: ServerFacts): string =>
  JSON.stringify({
    check: {
      status: "valid",
      listen: facts.listen,
      base_url: facts.baseUrl,
      web_ui: `${facts.baseUrl}/ui`,
      web_ui_pool: `${facts.baseUrl}/ui/pools/demo`,
      mcp: `${facts.baseUrl}/mcp`,
      auth: facts.auth,
      tls: facts.tls,
      tls_fingerprint: facts.fingerprint ?? null,
      access: facts.access,
      cors_allowed_origins: facts.corsOrigins,
      limits: {
        max_body_bytes: facts.limits.maxBodyBytes,
        max_tail_timeout_ms: facts.limits.maxTailTimeoutMillis,
        max_tail_concurrency: facts.limits.maxTailConcurrency,
        max_pool_bytes: facts.limits.maxPoolBytes,
        max_pools: facts.limits.maxPools
      },
      warnings: facts.warnings
    }
  })

export const checkText = (facts: ServerFacts): string =>
  [
    "The configuration is valid.",
    "",
    ...aligned([
      ["Bind", `${facts.listen} (${facts.scope})`],
      ["URL", facts.baseUrl],
      ["Web UI", `${facts.baseUrl}/ui`],
      ["MCP", `${facts.baseUrl}/mcp`],
      ...security(facts),
      ["Limits", limitsText(facts.limits)]
    ]),
    ...warningLines(facts.warnings, { color: false })
  ].join("\n")

const security = (facts: ServerFacts): ReadonlyArray<Fact> => [
  ["Auth", facts.auth],
  ["TLS", facts.tls],
  ["Access", facts.access],
  ["CORS", facts.corsOrigins.length === 0 ? "same origin only" : facts.corsOrigins.join(", ")],
  ...(facts.tls === "disabled"
    ? []
    : [["Fingerprint", facts.fingerprint ?? "that of the certificate made at the start"] as const])
]

const limitsText = ({ maxBodyBytes, maxTailConcurrency, maxTailTimeoutMillis }: ResolvedOptions): string => {
  const timeout = maxTailTimeoutMillis % 1000 === 0 ? `${maxTailTimeoutMillis / 1000}s` : `${maxTailTimeoutMillis}ms`
  return `body ${humanSize(maxBodyBytes)}, timeout ${timeout}, concurrency ${maxTailConcurrency}`
}

type Fact = readonly [label: string, value: string]

export const aligned = (facts: ReadonlyArray<Fact>): ReadonlyArray<string> => {
  const width = Math.max(...facts.map(([label]) => label.length)) + 2
  return facts.map(([label, value]) => `  ${`${label}:`.padEnd(width)}${visible(value)}`)
}

const warningLines = (warnings: ReadonlyArray<string>, style: Style): ReadonlyArray<string> =>
  warnings.length === 0
    ? []
    : ["", ...warnings.map((warning) => `${paint(sgr.label, "warning:", style)} ${visible(warning)}`)]

/** What the block on a terminal shows besides the facts. */
export interface StartTextOptions {
  /** As it is shown to people. */
  readonly directory: string
  /** `--dir`, where the sample commands need it. */
  readonly dir: string | undefined
  readonly server: ServerAccess
  /** The pool of the sample commands is not there yet. */
  readonly needsPool: boolean
  readonly isWildcard: boolean
  readonly style: Style
}

/** For people: what the terminal shows once the server listens. */
export const startText = (facts: ServerFacts, options: StartTextOptions): string => {
  const { server } = options
  const sample = (title: string, call: Call): ReadonlyArray<string> => ["", title, ...brokenLines(call, "  ")]
  return [
    `Serving ${visible(options.directory)} at ${facts.baseUrl} (${facts.scope})`,
    "",
    ...aligned([
      ["Bind", facts.listen],
      ["Web UI", `${facts.baseUrl}/ui`],
      ...security(facts),
      ...(server.ca === undefined ? [] : [["Certificate", server.ca] as const])
    ]),
    ...warningLines(facts.warnings, options.style),
    ...(options.needsPool ? sample("Create a pool to try it:", createCall(options.dir)) : []),
    ...(mayWrite(server) ? sample("Write:", writeCall(server)) : []),
    ...(mayRead(server) ? sample("Read:", readCall(server)) : []),
    ...sample("With curl:", mayWrite(server) ? curlWriteCall(server) : curlReadCall(server)),
    "",
    ...(server.token === "environment" ? ["The commands take the token from PLASMITE_TOKEN."] : []),
    ...(options.isWildcard ? ["On other machines, put this machine's name or address in place of the host."] : []),
    "Stop with Ctrl-C."
  ].join("\n")
}
