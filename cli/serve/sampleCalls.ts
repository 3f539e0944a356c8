/**
 * Commands to paste: how to write to a server, read from it, and ask it with curl. They work as they are printed, in any
 * POSIX shell; the token is never in them, only where to find it.
 */
import type { AccessName } from "../arguments.js"
import { commandName } from "../usageText.js"

export interface ServerAccess {
  readonly baseUrl: string
  readonly access: AccessName
  /** Where a client finds the token: in a file, in `PLASMITE_TOKEN`, or none is asked for. */
  readonly token: { readonly file: string } | "environment" | "none"
  /** A file that must be trusted for the server to be known; none where the system's roots will do. */
  readonly ca: string | undefined
}

/** A command as its arguments, an option and its value in one group: where it is broken into lines, they stay together. */
export type Call = ReadonlyArray<ReadonlyArray<string>>

const plainWord = /^[A-Za-z0-9_@%+=:,./-]+$/

/** One word of a shell. */
export const shellWord = (text: string): string => (plainWord.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)

export const oneLine = (call: Call): string => call.flat().join(" ")

const lineWidth = 80

/** On one line where it fits, else one group per line. */
export const brokenLines = (call: Call, indent: string): ReadonlyArray<string> => {
  const line = indent + oneLine(call)
  if (line.length <= lineWidth) return [line]
  return call.map(
    (group, index) => indent + (index === 0 ? "" : "  ") + group.join(" ") + (index === call.length - 1 ? "" : " \\")
  )
}

const pool = "demo"
const message = '{"hello":"world"}'

export const createCall = (directory: string | undefined): Call => [
  [commandName(["pool", "create", pool])],
  ...(directory === undefined ? [] : [["--dir", shellWord(directory)]])
]

const clientOptions = ({ ca, token }: ServerAccess): Call => [
  ...(typeof token === "object" ? [["--token-file", shellWord(token.file)]] : []),
  ...(ca === undefined ? [] : [["--tls-ca", shellWord(ca)]])
]

export const writeCall = (server: ServerAccess): Call => [
  [commandName(["poke"]), `${server.baseUrl}/${pool}`],
  ...clientOptions(server),
  [shellWord(message)]
]

export const readCall = (server: ServerAccess): Call => [
  [commandName(["peek"]), `${server.baseUrl}/${pool}`],
  ...clientOptions(server),
  ["--tail", "10"]
]

const curlOptions = ({ ca, token }: ServerAccess): Call => [
  ...(ca === undefined ? [] : [["--cacert", shellWord(ca)]]),
  ...(token === "none"
    ? []
    : [
        [
          "-H",
          `"authorization: Bearer ${token === "environment" ? "$PLASMITE_TOKEN" : `$(cat ${shellWord(token.file)})`}"`
        ]
      ])
]

export const curlWriteCall = (server: ServerAccess): Call => [
  ["curl", "-sS"],
  ...curlOptions(server),
  ["-H", "'content-type: application/json'"],
  ["-d", shellWord(`{"data":${message}}`)],
  [`${server.baseUrl}/v0/pools/${pool}/append`]
]

export const curlReadCall = (server: ServerAccess): Call => [
  ["curl", "-sSN"],
  ...curlOptions(server),
  [shellWord(`${server.baseUrl}/v0/pools/${pool}/tail?timeout_ms=5000`)]
]

export const mayWrite = ({ access }: ServerAccess): boolean => access !== "read-only"
export const mayRead = ({ access }: ServerAccess): boolean => access !== "write-only"
